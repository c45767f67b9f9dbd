/** SIGTTIN and SIGTTOU without end. */
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon } from '../../support/fake-daemon.ts';

const workers = async (daemon: FakeDaemon) => (await daemon.status()).workers.length;

test('[fault 56] scale: SIGTTOU a hundred times leaves one worker, SIGTTIN adds one each', async () => {
  await using daemon = await FakeDaemon.start({ count: 3 });
  for (let round = 0; round < 100; round += 1) {
    daemon.child.kill('SIGTTOU');
    // Equal signals that wait together are one.
    await new Promise((resolve) => setImmediate(resolve));
  }
  // However many of the hundred were one: they go on until one worker is left, and it stays.
  const isOneLeft = async () => {
    daemon.child.kill('SIGTTOU');
    return (await workers(daemon)) === 1;
  };
  await eventually(isOneLeft, { what: 'one is left' });
  expect((await daemon.allReady()).length).toBe(1);
  for (const expected of [2, 3, 4]) {
    daemon.child.kill('SIGTTIN');
    await eventually(async () => (await workers(daemon)) === expected);
  }
  expect((await daemon.allReady()).length).toBe(4);
  expect((await daemon.get('/')).pid).toBeGreaterThan(0);
});

/** First starts that cannot work: workers that do not boot, ports that are taken, starts that race. */
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FakeDaemon } from '../../support/fake-daemon.ts';
import { listenForNotify } from '../../support/notify-listener.ts';
import { patient } from '../../support/patience.ts';

test('[fault 11] boot: workers that crash at boot end the first start with exit 1, and ready is never said', async () => {
  const address = `@snowflake-mcp-boot-${process.pid}`;
  const manager = listenForNotify(address);
  onTestFinished(() => manager.close());
  await using daemon = FakeDaemon.spawn({
    workers: { max_restarts: 3 },
    plan: { boot: 'throw' },
    env: { NOTIFY_SOCKET: address },
  });
  expect(await daemon.ended()).toBe(1);
  expect(daemon.output).toContain('this version is broken');
  expect(daemon.output).not.toMatch(/^ready: /m);
  expect(manager.texts('READY=1')).toEqual([]);
});

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test.each([
  ['[fault 43] the service port', 'server'],
  ['[fault 44] the metrics port', 'metrics'],
] as const)(
  'boot: %s is taken: exit 1 within a second of work, named with its key, no worker was tried',
  async (_, key) => {
    const port = await takenPort();
    await using daemon = FakeDaemon.spawn({ config: { [key]: { port } } });
    expect(await daemon.ended()).toBe(1);
    expect(performance.now() - daemon.startedAt).toBeLessThan(patient(3000));
    expect(daemon.output).toContain(`${port}`);
    expect(daemon.output).toContain(`${key}.port`);
    expect(daemon.log('worker.forked')).toEqual([]);
  },
);

/** Workers that do not answer: blocked for too long. */
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { order } from '../../support/orders.ts';

let fleet: FakeFleet;
afterEach(() => fleet.close());

const block = (pid: number, ms: number) => order(dirname(process.env.FAKE_WORKER_PLAN ?? ''), pid, 'block', { ms });

test('[fault 5] hang: a loop blocked for longer than hang_kill is evidenced, killed and counted as a hang', async () => {
  fleet = await FakeFleet.make({ hang_suspect: '1s', hang_kill: '2s' });
  await fleet.start();
  const victim = fleet.pid(0);
  await block(victim, 60_000);
  await eventually(() => fleet.restarts(0, 'hang') === 1, { what: 'it is killed' });
  expect(fleet.logged('worker.hung')[0]?.facts.evidence).toMatchObject({ State: expect.stringContaining('running') });
  await eventually(() => fleet.state(0) === 'ready' && fleet.pid(0) !== victim);
  expect((await fleet.get('/')).pid).not.toBe(victim);
});

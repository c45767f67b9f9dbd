import { expect, test } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import type { Log } from '../../../src/shared/log.ts';
import { createDrain, type DrainParts } from '../../../src/worker/drain.ts';

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => quiet };

function parts(more: Partial<DrainParts> = {}) {
  const did: string[] = [];
  const step = (name: string) => async () => {
    did.push(name);
  };
  const all: DrainParts = {
    stopAccepting: () => did.push('stopAccepting'),
    connections: () => 0,
    closeIdle: () => did.push('closeIdle'),
    closeAll: step('closeAll'),
    endStreams: () => did.push('endStreams'),
    isServiceEnding: () => false,
    handOverSessions: step('handOverSessions'),
    outOfTime: () => did.push('outOfTime'),
    closeQueries: step('closeQueries'),
    sayDrained: step('sayDrained'),
    ...more,
  };
  return { all, did };
}

test('drain: stops accepting before anything else, says drained last, and runs once', async () => {
  const { all, did } = parts();
  const drain = createDrain(all, systemClock, quiet);
  expect(drain.phase()).toBe('serving');
  const first = drain.run(1000, 0);
  expect(drain.phase()).toBe('closing');
  expect(drain.run(5, 0)).toBe(first);
  await first;
  expect(did).toEqual(['stopAccepting', 'endStreams', 'handOverSessions', 'closeQueries', 'closeAll', 'sayDrained']);
});

test('drain: in the lame duck time nothing is closed yet', async () => {
  const { all, did } = parts();
  const drain = createDrain(all, systemClock, quiet);
  const running = drain.run(200, 20);
  expect([drain.phase(), did.length]).toEqual(['lame_duck', 0]);
  await running;
  expect(did[0]).toBe('stopAccepting');
});

test('drain: connections that stay open are closed when idle at half time, and cut at the deadline', async () => {
  const startedAt = performance.now();
  let aborted = false;
  const { all, did } = parts({
    connections: () => 1,
    handOverSessions: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve();
        });
      }),
  });
  await createDrain(all, systemClock, quiet).run(200, 0);
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(aborted).toBe(true);
  expect(did).toEqual([
    'stopAccepting',
    'endStreams',
    'closeIdle',
    'outOfTime',
    'closeQueries',
    'closeAll',
    'sayDrained',
  ]);
});

test('drain: when the whole service ends idle connections are not waited for', async () => {
  const startedAt = performance.now();
  let isOpen = true;
  const { all, did } = parts({
    isServiceEnding: () => true,
    connections: () => (isOpen ? 1 : 0),
    closeIdle: () => {
      isOpen = false;
    },
  });
  await createDrain(all, systemClock, quiet).run(60_000, 0);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(did.at(-1)).toBe('sayDrained');
});

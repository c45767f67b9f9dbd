import { expect, test } from 'vitest';
import { BUS_BODY_MAX, BUS_MAX_EVENTS_PER_MESSAGE, workerMessageSchema } from '../../../../src/shared/ipc.ts';
import { type BusCarrier, createClusterBus } from '../../../../src/worker/state/cluster-bus.ts';
import { createBusHub } from '../../../support/bus-hub.ts';
import { eventually } from '../../../support/eventually.ts';

function busWith(carriers: readonly BusCarrier[]) {
  const dropped: string[] = [];
  const timers: (() => void)[] = [];
  const bus = createClusterBus({
    carriers,
    maxWaiting: 1000,
    recorder: {
      count: (name, labels, by) => {
        expect(name).toBe('mcp_bus_dropped_total');
        for (let n = 0; n < (by ?? 1); n++) dropped.push(labels?.reason ?? '');
      },
    },
    later: (_ms, then) => void timers.push(then),
  });
  const pass = () => {
    while (timers.length > 0) timers.shift()?.();
  };
  return { bus, dropped, pass };
}

test('bus: what one publishes every member hears once, the publisher too, until it stops listening', async () => {
  const hub = createBusHub();
  const members = [1, 2, 3].map(() => busWith([hub.join()]));
  const heard: unknown[] = [];
  const stops = members.map(({ bus }, at) => bus.subscribe('t', (body) => heard.push([at, body])));
  members[0]?.bus.publish('t', { n: 1 });
  members[0]?.bus.publish('other', 'nobody listens');
  members[0]?.pass();
  await eventually(() => heard.length === 3);
  expect(heard.toSorted()).toEqual([
    [0, { n: 1 }],
    [1, { n: 1 }],
    [2, { n: 1 }],
  ]);
  for (const stop of stops) stop();
  members[1]?.bus.publish('t', 2);
  members[1]?.pass();
  await Promise.resolve();
  expect(heard).toHaveLength(3);
});

test('bus: a burst leaves in batches the primary accepts; what does not fit is dropped and counted', () => {
  const batches: number[] = [];
  const carrier: BusCarrier = {
    send: (events) => {
      expect(workerMessageSchema.safeParse({ type: 'publish', events }).success).toBe(true);
      batches.push(events.length);
    },
    onEvents: () => {},
  };
  const { bus, dropped, pass } = busWith([carrier]);
  for (let n = 0; n < 1010; n++) bus.publish('t', n);
  expect(dropped).toEqual(Array.from({ length: 10 }, () => 'full'));
  pass();
  expect(Math.max(...batches)).toBe(BUS_MAX_EVENTS_PER_MESSAGE);
  expect(batches.reduce((sum, size) => sum + size, 0)).toBe(1000);
  bus.publish('t', 'x'.repeat(BUS_BODY_MAX));
  expect(dropped.slice(10)).toEqual(['full']);
});

test('bus: a listener that throws keeps nobody else from hearing', async () => {
  const { bus, dropped } = busWith([]);
  const heard: unknown[] = [];
  bus.subscribe('t', () => {
    throw new Error('broken');
  });
  bus.subscribe('t', (body) => heard.push(body));
  bus.publish('t', undefined);
  await eventually(() => heard.length === 1);
  expect([heard, dropped]).toEqual([[null], ['invalid']]);
});

test('bus: what nobody took, and what came and is no event, is counted', async () => {
  let tell: (events: undefined) => void = () => {};
  const away: BusCarrier = {
    send: () => Promise.reject(new Error('away')),
    onEvents: (listener) => {
      tell = listener;
    },
  };
  const { bus, dropped, pass } = busWith([away]);
  bus.publish('t', 1);
  bus.publish('t', 2);
  pass();
  await eventually(() => dropped.length === 2);
  tell(undefined);
  expect(dropped).toEqual(['unreachable', 'unreachable', 'invalid']);
});

/** When an idle worker gives memory back. */
import { expect, test } from 'vitest';
import { createIdleHeap } from '../../../src/worker/idle-heap.ts';

function scene() {
  const state = { now: 0, requests: 0, inflight: 0, shrunk: [] as number[], thorough: [] as number[] };
  const look = createIdleHeap({
    clock: { now: () => state.now, wall: () => new Date(state.now) },
    figures: () => state,
    shrink: (isThorough) => {
      state.shrunk.push(state.now);
      if (isThorough) state.thorough.push(state.now);
    },
  });
  /** One look each second until then. */
  const until = (ms: number, each: () => void = () => {}) => {
    while (state.now < ms) {
      state.now += 1000;
      each();
      look();
    }
  };
  return { state, until };
}

test('idle heap: shrinks twice after the start, the second time when V8 has seen five quiet seconds, and not again while nothing happens', () => {
  const { state, until } = scene();
  until(2000);
  expect(state.shrunk).toEqual([]);
  until(600_000);
  expect(state.shrunk).toEqual([3000, 9000]);
  expect(state.thorough).toEqual([9000]);
});

test('idle heap: shrinks after the last request, never while one comes or runs', () => {
  const { state, until } = scene();
  until(100_000, () => {
    state.requests += 1;
  });
  state.inflight = 1;
  until(200_000);
  expect(state.shrunk).toEqual([]);
  state.inflight = 0;
  until(300_000);
  expect(state.shrunk).toEqual([203_000, 209_000]);
});

test('idle heap: a request now and then costs two collections a minute at most', () => {
  const { state, until } = scene();
  until(600_000, () => {
    if (state.now % 10_000 === 0) state.requests += 1;
  });
  expect(state.shrunk.length).toBeLessThanOrEqual(20);
  expect(state.shrunk.length).toBeGreaterThan(10);
});

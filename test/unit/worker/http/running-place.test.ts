/** A request among those that run: it holds one place at most, and none while another worker answers it. */
import { expect, test } from 'vitest';
import { RunningPlace } from '../../../../src/worker/http/running-place.ts';

function hall() {
  let inside = 0;
  const take = () => {
    inside++;
    return () => {
      inside--;
    };
  };
  return { inside: () => inside, take };
}

test('place: it is given back once, and taken again only after that', () => {
  const { inside, take } = hall();
  const place = new RunningPlace();
  place.enter(take(), take);
  place.enterAgain();
  expect(inside()).toBe(1);
  place.leave();
  place.leave();
  expect(inside()).toBe(0);
  place.enterAgain();
  expect(inside()).toBe(1);
  place.leave();
  expect(inside()).toBe(0);
});

test('place: a message that takes none takes none later either', () => {
  const place = new RunningPlace();
  place.enterAgain();
  place.leave();
  expect(() => place.enterAgain()).not.toThrow();
});

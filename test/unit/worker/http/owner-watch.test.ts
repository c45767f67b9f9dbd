import { expect, test } from 'vitest';
import { claim } from '../../../../src/worker/http/owner-watch.ts';
import type { SessionRecord } from '../../../../src/worker/session/record.ts';
import type { Stored } from '../../../../src/worker/state/store.ts';

const FOUND = { key: 'k', value: {} as SessionRecord, version: 1 } satisfies Stored<SessionRecord>;

test('claim: a store that fails is given a pause before it is asked again, and has the last word when the wait is over', async () => {
  const pauses: number[] = [];
  const failing = {
    directory: { claim: () => Promise.reject(new Error('no space')) },
    fleet: { changed: async (ms: number) => void pauses.push(ms) },
  };
  expect(await claim(failing, FOUND, true)).toBeUndefined();
  expect(pauses).toEqual([250]);
  await expect(claim(failing, FOUND, false)).rejects.toThrow('no space');
  expect(pauses).toHaveLength(1);
});

/** What every store promises to the rest of a worker: one suite, run against each. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { StateStore } from '../../src/worker/state/store.ts';

export interface ContractValue {
  readonly n: number;
  readonly text?: string;
}

/** @param open an empty store of its own for each call; what it needs is gone after the test */
export function storeContract(
  name: string,
  open: () => StateStore<ContractValue> | Promise<StateStore<ContractValue>>,
): void {
  const opened = async () => {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  };

  describe(`store ${name}`, () => {
    test('creates once, replaces and removes only the version that was read', async () => {
      const store = await opened();
      expect(await store.create('a', { n: 1 })).toBe(true);
      expect(await store.create('a', { n: 2 })).toBe(false);
      const read = await store.get('a');
      expect(read).toEqual({ key: 'a', value: { n: 1 }, version: 1 });
      const version = await store.replace('a', { n: 3 }, 1);
      expect(version).toBe(2);
      expect(await store.replace('a', { n: 4 }, 1)).toBeUndefined();
      expect((await store.get('a'))?.value).toEqual({ n: 3 });
      expect(await store.remove('a', 1)).toBe(false);
      expect(await store.remove('a', 2)).toBe(true);
      expect(await store.remove('a', 2)).toBe(false);
      expect(await store.get('a')).toBeUndefined();
      expect(await store.replace('a', { n: 5 }, 2)).toBeUndefined();
    });

    test('of many that create, replace or remove the same one wins', async () => {
      const store = await opened();
      const created = await Promise.all([1, 2, 3, 4, 5].map((n) => store.create('a', { n })));
      expect(created.filter((isDone) => isDone)).toHaveLength(1);
      const version = (await store.get('a'))?.version ?? 0;
      const replaced = await Promise.all([1, 2, 3, 4, 5].map((n) => store.replace('a', { n }, version)));
      expect(replaced.filter((won) => won !== undefined)).toHaveLength(1);
      const removed = await Promise.all([1, 2, 3].map(() => store.remove('a', version + 1)));
      expect(removed.filter((isDone) => isDone)).toHaveLength(1);
    });

    test('pages in key order, after a key, at most as many as asked for, and counts', async () => {
      const store = await opened();
      expect([await store.page('', 10), await store.count()]).toEqual([[], 0]);
      for (const key of ['c', 'a', 'e', 'b', 'd']) await store.create(key, { n: 1 });
      const keys = async (after: string, limit: number) => (await store.page(after, limit)).map(({ key }) => key);
      expect(await keys('', 2)).toEqual(['a', 'b']);
      expect(await keys('b', 2)).toEqual(['c', 'd']);
      expect(await keys('bb', 9)).toEqual(['c', 'd', 'e']);
      expect(await keys('e', 2)).toEqual([]);
      expect(await store.count()).toBe(5);
      await store.remove('c', 1);
      expect([await keys('', 9), await store.count()]).toEqual([['a', 'b', 'd', 'e'], 4]);
    });

    test('counts the keys that start with a prefix', async () => {
      const store = await opened();
      for (const key of ['a.1', 'a.2', 'ab.1', 'b.1', 'a']) await store.create(key, { n: 1 });
      const counts = await Promise.all(['a.', 'a', 'b.', 'c', ''].map((prefix) => store.count(prefix)));
      expect(counts).toEqual([2, 4, 1, 0, 5]);
    });

    test('says that a write would work, and leaves no trace of having tried', async () => {
      const store = await opened();
      await store.check();
      expect([await store.page('', 5), await store.count()]).toEqual([[], 0]);
    });

    test('keeps values and keys as they are: long, empty, unicode, quotes', async () => {
      const store = await opened();
      const text = `${'x'.repeat(20_000)} "quoted" \\ \u0000 ünïcödé 🎿 {curly}`;
      await store.create('key with "quotes" & 🎿', { n: 0, text });
      expect((await store.get('key with "quotes" & 🎿'))?.value).toEqual({ n: 0, text });
      expect((await store.page('', 1))[0]?.value.text).toBe(text);
    });

    test('may be closed twice', async () => {
      const store = await opened();
      await store.close();
      await store.close();
    });
  });
}

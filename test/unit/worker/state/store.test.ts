/** The same promises for every store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLmdbStore } from '../../../../src/worker/state/lmdb-store.ts';
import { createMemoryStore } from '../../../../src/worker/state/memory-store.ts';
import type { StateStore } from '../../../../src/worker/state/store.ts';

interface Value {
  readonly n: number;
}

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mcp-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const stores: [string, () => StateStore<Value>][] = [
  ['memory', () => createMemoryStore<Value>()],
  ['lmdb', () => openLmdbStore<Value>(tempDir(), 'test')],
];

describe.each(stores)('store %s', (_name, open) => {
  test('creates once, replaces and removes only the version that was read', async () => {
    const store = open();
    expect(await store.create('a', { n: 1 })).toBe(true);
    expect(await store.create('a', { n: 2 })).toBe(false);
    const read = await store.get('a');
    expect(read?.value).toEqual({ n: 1 });
    const version = await store.replace('a', { n: 3 }, read?.version ?? 0);
    expect(version).toBeDefined();
    expect(await store.replace('a', { n: 4 }, read?.version ?? 0)).toBeUndefined();
    expect((await store.get('a'))?.value).toEqual({ n: 3 });
    expect(await store.remove('a', read?.version ?? 0)).toBe(false);
    expect(await store.remove('a', version ?? 0)).toBe(true);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.replace('a', { n: 5 }, version ?? 0)).toBeUndefined();
    await store.close();
  });

  test('of many that replace the same version one wins', async () => {
    const store = open();
    await store.create('a', { n: 0 });
    const version = (await store.get('a'))?.version ?? 0;
    const wins = await Promise.all([1, 2, 3, 4, 5].map((n) => store.replace('a', { n }, version)));
    expect(wins.filter((won) => won !== undefined)).toHaveLength(1);
    await store.close();
  });

  test('pages in key order, after a key, and counts', async () => {
    const store = open();
    for (const key of ['c', 'a', 'b']) await store.create(key, { n: 1 });
    expect((await store.page('', 2)).map((record) => record.key)).toEqual(['a', 'b']);
    expect((await store.page('b', 2)).map((record) => record.key)).toEqual(['c']);
    expect(await store.count()).toBe(3);
    await store.close();
  });
});

test('store lmdb: what one handle wrote another sees, also after a restart', async () => {
  const dir = tempDir();
  const [one, two] = [openLmdbStore<Value>(dir, 's'), openLmdbStore<Value>(dir, 's')];
  await one.create('a', { n: 7 });
  expect((await two.get('a'))?.value).toEqual({ n: 7 });
  await one.close();
  await two.close();
  const again = openLmdbStore<Value>(dir, 's');
  expect((await again.get('a'))?.value).toEqual({ n: 7 });
  await again.close();
});

test('store lmdb: a directory that cannot be used is a named error', () => {
  const file = join(tempDir(), 'file');
  writeFileSync(file, '');
  expect(() => openLmdbStore(file, 's')).toThrow(expect.objectContaining({ code: 'STATE_UNAVAILABLE' }));
});

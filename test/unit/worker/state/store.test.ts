/** The same promises for every store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLmdbStore } from '../../../../src/worker/state/lmdb-store.ts';
import { createMemoryStore } from '../../../../src/worker/state/memory-store.ts';
import { type ContractValue, storeContract } from '../../../support/store-contract.ts';

interface Value {
  readonly n: number;
}

const SIZE = { maxBytes: 256 * 1024 * 1024 };

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mcp-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

storeContract('memory', () => createMemoryStore<ContractValue>());
storeContract('lmdb', () => openLmdbStore<ContractValue>(tempDir(), 'test', SIZE));

test('store lmdb: what one handle wrote another sees, also after a restart', async () => {
  const dir = tempDir();
  const [one, two] = [openLmdbStore<Value>(dir, 's', SIZE), openLmdbStore<Value>(dir, 's', SIZE)];
  await one.create('a', { n: 7 });
  expect((await two.get('a'))?.value).toEqual({ n: 7 });
  await one.close();
  await two.close();
  const again = openLmdbStore<Value>(dir, 's', SIZE);
  expect((await again.get('a'))?.value).toEqual({ n: 7 });
  await again.close();
});

test('store lmdb: a directory that cannot be used is a named error', () => {
  const file = join(tempDir(), 'file');
  writeFileSync(file, '');
  expect(() => openLmdbStore(file, 's', SIZE)).toThrow(expect.objectContaining({ code: 'STATE_UNAVAILABLE' }));
});

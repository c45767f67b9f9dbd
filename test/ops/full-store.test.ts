/** A session store on a file system that is full (a small tmpfs; needs root): named errors, no crash, and it recovers. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isUncatchable, openLmdbStore } from '../../src/worker/state/lmdb-store.ts';
import { tempDir } from '../support/temp-dir.ts';

test('store lmdb: a full disk is a named error, reads go on, and writes work again when there is room', async () => {
  await using dir = tempDir();
  const disk = join(dir.path, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk]);
  await using _mounted = { [Symbol.asyncDispose]: async () => void execFileSync('umount', [disk]) };
  const unhandled: unknown[] = [];
  const note = (error: unknown) => {
    if (!isUncatchable(error)) unhandled.push(error);
  };
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const store = openLmdbStore<string>(disk, 's', { maxBytes: 64 * 1024 * 1024 });
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(500_000));
  const fill = async () => {
    for (let n = 0; n < 1000; n++) await store.create(`k${n}`, 'x'.repeat(4000));
  };
  await expect(fill()).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE', message: expect.stringMatching(/space/i) });
  expect((await store.get('k1'))?.value).toHaveLength(4000);
  expect((await store.page('', 5)).length).toBe(5);
  rmSync(ballast);
  await store.check();
  expect(await store.create('new', 'v')).toBe(true);
  expect((await store.get('new'))?.value).toBe('v');
  await store.close();
  expect(unhandled).toEqual([]);
});

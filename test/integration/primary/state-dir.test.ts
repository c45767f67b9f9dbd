/** The state directory as the primary takes it: one daemon's alone, and without files that would end every worker. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeStateDir } from '../../../src/primary/state-dir.ts';
import { lmdbFault } from '../../../src/shared/lmdb-file.ts';
import { openLmdbStore } from '../../../src/worker/state/lmdb-store.ts';
import { logLines } from '../../support/log-lines.ts';
import { ROOT } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const SIZE = { maxBytes: 64 * 1024 * 1024 };
const wall = () => new Date('2026-01-02T03:04:05.678Z');

async function filled(directory: string, name: string): Promise<string> {
  const store = openLmdbStore<string>(directory, name, SIZE);
  for (let n = 0; n < 50; n++) await store.create(`k${n}`, 'x'.repeat(4000));
  await store.close();
  return join(directory, `${name}.lmdb`);
}

test('state directory: a second daemon is refused by name, and may have it when the first has gone', async () => {
  await using dir = tempDir();
  const { log } = logLines();
  const first = await takeStateDir(dir.path, { log, wall });
  await expect(takeStateDir(dir.path, { log, wall })).rejects.toMatchObject({
    code: 'STATE_IN_USE',
    details: { pid: process.pid },
  });
  await first.release();
  await (await takeStateDir(dir.path, { log, wall })).release();
});

test('state directory: a store that grows while it is looked at is sound', async () => {
  await using dir = tempDir();
  const file = join(dir.path, 'busy.lmdb');
  const writer = fork(`${ROOT}test/support/store-filler.mjs`, [file]);
  onTestFinished(() => void writer.kill('SIGKILL'));
  await once(writer, 'message');
  const faults = new Set<string | undefined>();
  // With the size read first, one look in 45,000 was wrong.
  for (let looks = 0; looks < 300_000; looks += 1) faults.add(lmdbFault(file));
  expect([...faults]).toEqual([undefined]);
  expect(writer.exitCode).toBeNull();
});

test('state directory: damaged stores are set aside with their lock, sound ones stay', async () => {
  await using dir = tempDir();
  const { log, events } = logLines();
  const [sound, garbage, cut] = [
    await filled(dir.path, 'sound'),
    await filled(dir.path, 'garbage'),
    await filled(dir.path, 'cut'),
  ];
  writeFileSync(garbage, Buffer.alloc(100_000, 7));
  truncateSync(cut, 40_000);
  expect([sound, garbage, cut].map((file) => lmdbFault(file) === undefined)).toEqual([true, false, false]);
  const taken = await takeStateDir(dir.path, { log, wall });
  onTestFinished(() => taken.release());
  expect(events()).toEqual(['store.set_aside', 'store.set_aside']);
  expect(readdirSync(dir.path).filter((name) => name.endsWith('.lmdb'))).toEqual(['sound.lmdb']);
  expect(readdirSync(dir.path)).toContain('garbage.lmdb.damaged-2026-01-02T03-04-05-678Z-lock');
  const again = openLmdbStore<string>(dir.path, 'garbage', SIZE);
  onTestFinished(() => again.close());
  expect(await again.create('k', 'v')).toBe(true);
});

test('store lmdb: what another process has just made is found in the turn in which others were read', async () => {
  await using dir = tempDir();
  const store = openLmdbStore<string>(dir.path, 'shared', SIZE);
  onTestFinished(() => store.close());
  await store.create('old', 'x');
  expect(await store.get('old')).toBeDefined();
  const make = `
    import { open } from 'lmdb';
    const db = open({ path: process.argv[1], useVersions: true, encoding: 'json' });
    await db.put('new', 'y', 1);
    await db.close();`;
  // The loop does not turn while the other one writes.
  execFileSync(process.execPath, ['--input-type=module', '-e', make, join(dir.path, 'shared.lmdb')], { cwd: ROOT });
  expect(await store.get('new')).toMatchObject({ value: 'y' });
});

test('store lmdb: a damaged file is a named error and not the end of the process', async () => {
  await using dir = tempDir();
  const file = await filled(dir.path, 's');
  truncateSync(file, 40_000);
  expect(() => openLmdbStore(dir.path, 's', SIZE)).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
  writeFileSync(file, 'x');
  expect(() => openLmdbStore(dir.path, 's', SIZE)).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
  expect(statSync(file).size).toBe(1);
});

test('store lmdb: beyond its size nothing new is taken, by name; what is there can be read, written and removed', async () => {
  await using dir = tempDir();
  const store = openLmdbStore<string>(dir.path, 's', { maxBytes: 256 * 1024 });
  onTestFinished(() => store.close());
  const full = async () => {
    for (let n = 0; n < 1000; n++) await store.create(`k${n}`, 'x'.repeat(4000));
  };
  await expect(full()).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
  await expect(store.check()).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
  expect(await store.replace('k0', 'y', 1)).toBe(2);
  for (let n = 1; n < 30; n++) expect(await store.remove(`k${n}`, 1)).toBe(true);
  await store.check();
  expect(await store.create('new', 'z')).toBe(true);
});

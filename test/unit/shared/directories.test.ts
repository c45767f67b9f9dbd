/** The one way directories are made: also on paths where Node's recursive way never comes back. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeDirectories } from '../../../src/shared/directories.ts';
import { tempDir } from '../../support/temp-dir.ts';

test('directories: parents are made with the same mode, and the first that was made is told', async () => {
  await using temp = tempDir();
  const dir = temp.path;
  expect(makeDirectories(join(dir, 'a', 'b', 'c'), 0o700)).toBe(join(dir, 'a'));
  for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(dir, made)).mode & 0o777).toBe(0o700);
  expect(makeDirectories(join(dir, 'a', 'b'), 0o755)).toBeUndefined();
});

test('directories: a file or a dangling link in the way is an error, a link to a directory is none', async () => {
  await using temp = tempDir();
  const dir = temp.path;
  writeFileSync(join(dir, 'file'), '');
  mkdirSync(join(dir, 'there'));
  symlinkSync('there', join(dir, 'link'));
  symlinkSync('nowhere', join(dir, 'dangling'));
  expect(() => makeDirectories(join(dir, 'file'))).toThrow('EEXIST');
  expect(() => makeDirectories(join(dir, 'file', 'below'))).toThrow(/EEXIST|ENOTDIR/);
  expect(() => makeDirectories(join(dir, 'dangling'))).toThrow('EEXIST');
  makeDirectories(join(dir, 'link', 'below'));
  expect(statSync(join(dir, 'there', 'below')).isDirectory()).toBe(true);
});

test.runIf(process.platform === 'linux')('directories: a path below /proc is an error, not a call without end', () => {
  for (const path of ['/proc/x', '/proc/x/y/z']) expect(() => makeDirectories(path)).toThrow('ENOENT');
});

test('directories: no other file of the program makes directories the recursive way', () => {
  const src = fileURLToPath(new URL('../../../src/', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const calls = /\bmkdir(?:Sync)?\([^;]*recursive: true/;
  expect(files.filter((file) => calls.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
});

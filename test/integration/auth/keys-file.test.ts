/** The file of client keys on a real file system. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addKey, revokeKey } from '../../../src/shared/client-keys.ts';
import { changeKeys, forgetUse, lastUsed, markUsed, readKeys } from '../../../src/shared/keys-file.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keys-'));
  file = join(dir, 'state', 'keys.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const add = (name: string) => changeKeys(file, (keys) => addKey(keys, { name, scopes: ['read'] }, new Date()));
const unusable = (reason: string) =>
  expect.objectContaining({ code: 'KEYS_UNUSABLE', message: expect.stringContaining(reason) });

test('keys file: made with its directory, closed to others, nothing left beside it', async () => {
  expect(readKeys(file)).toBeUndefined();
  const { key } = await add('one');
  expect(readKeys(file)).toEqual([key]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(dir, 'state'))).toEqual(['keys.json']);
});

test('keys file: ten changes at once are all there', async () => {
  await Promise.all(Array.from({ length: 10 }, (_, index) => add(`key-${index}`)));
  expect(new Set(readKeys(file)?.map((key) => key.name)).size).toBe(10);
});

test('keys file: a refused change leaves it as it was', async () => {
  const { key } = await add('one');
  await expect(add('one')).rejects.toEqual(expect.objectContaining({ code: 'KEY_REFUSED' }));
  expect(readKeys(file)).toEqual([key]);
  await expect(changeKeys(file, (keys) => revokeKey(keys, 'two', new Date()))).rejects.toEqual(
    expect.objectContaining({ code: 'KEY_UNKNOWN' }),
  );
});

test('keys file: a symbolic link, an open one and a directory are refused', async () => {
  await add('one');
  const link = join(dir, 'link.json');
  symlinkSync(file, link);
  expect(() => readKeys(link)).toThrow(unusable('symbolic link'));
  chmodSync(file, 0o640);
  expect(() => readKeys(file)).toThrow(unusable('open to others (mode 640)'));
  expect(() => readKeys(dir)).toThrow(unusable('not a plain file'));
});

test.each([
  ['not JSON', 'no json'],
  ['{"version":1,"keys":[{"id":"x"}]}', 'no list of keys'],
  ['{"version":2,"keys":[]}', 'no list of keys'],
  ['[]', 'no list of keys'],
  [`{"version":1,"keys":[],"__proto__":{}}`, 'no list of keys'],
])('keys file: %s is no list of keys', (text) => {
  writeFileSync(join(dir, 'k.json'), text, { mode: 0o600 });
  expect(() => readKeys(join(dir, 'k.json'))).toThrow(expect.objectContaining({ code: 'KEYS_UNUSABLE' }));
});

test('last use: told by the time of a file per key, until it is forgotten', async () => {
  const { key } = await add('one');
  expect(lastUsed(file, key.id)).toBeUndefined();
  const when = new Date('2026-01-02T03:04:05Z');
  await markUsed(file, key.id, when);
  expect(lastUsed(file, key.id)).toEqual(when);
  forgetUse(file, key.id);
  expect(lastUsed(file, key.id)).toBeUndefined();
});

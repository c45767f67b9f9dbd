/** An archive that cannot be made. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeArchive } from '../../../../src/cli/backup/make.ts';
import { tempDir } from '../../../support/temp-dir.ts';

function failing(dir: string, meanwhile = () => {}) {
  const fill = async () => {
    meanwhile();
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  return makeArchive({ dir, kind: 'backup', verify: false, fill });
}

test('archive: a failure leaves no directory behind that was made for it, and none away that was there', async () => {
  await using temp = tempDir();
  await expect(failing(join(temp.path, 'a/b/c'))).rejects.toThrow(/the disk is full/);
  expect(readdirSync(temp.path)).toEqual([]);
  mkdirSync(join(temp.path, 'own'));
  await expect(failing(join(temp.path, 'own'))).rejects.toThrow(/the disk is full/);
  expect(readdirSync(join(temp.path, 'own'))).toEqual([]);
});

test('archive: what another process put into the new directory meanwhile stays', async () => {
  await using temp = tempDir();
  const dir = join(temp.path, 'a/b');
  const other = join(dir, 'other');
  await expect(failing(dir, () => writeFileSync(other, 'x'))).rejects.toThrow(/the disk is full/);
  expect(existsSync(other)).toBe(true);
});

import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { swapFiles } from '../../../src/cli/file-swap.ts';
import { tempDir } from '../../support/temp-dir.ts';

const text = (...parts: string[]) => readFileSync(join(...parts), 'utf8');

test('swap: new content, the rights of the old file, the old content kept; undo puts all back', async () => {
  await using dir = tempDir();
  const [a, b, source] = ['a', 'deep/er/b', 'source'].map((name) => join(dir.path, name)) as [string, string, string];
  writeFileSync(a, 'old');
  chmodSync(a, 0o640);
  writeFileSync(source, 'new');
  const swap = swapFiles(
    [
      { target: a, source },
      { target: b, source },
    ],
    'S',
  );
  expect([text(a), text(b), text(`${a}.before-S`)]).toEqual(['new', 'new', 'old']);
  expect([statSync(a).mode & 0o777, statSync(b).mode & 0o777]).toEqual([0o640, 0o600]);
  expect(swap.kept).toEqual([{ target: a, kept: `${a}.before-S` }]);
  swap.undo();
  expect(text(a)).toBe('old');
  expect(readdirSync(dir.path).sort()).toEqual(['a', 'source']);
});

test('swap: when one file cannot be written none is changed and nothing is left', async () => {
  await using dir = tempDir();
  const [a, source, blocked] = ['a', 'source', 'blocked'].map((name) => join(dir.path, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(a, 'old');
  writeFileSync(source, 'new');
  mkdirSync(blocked);
  const before = readdirSync(dir.path).sort();
  expect(() =>
    swapFiles(
      [
        { target: a, source },
        { target: blocked, source },
      ],
      'S',
    ),
  ).toThrow();
  expect(() =>
    swapFiles(
      [
        { target: a, source },
        { target: join(a, 'x'), source },
      ],
      'S',
    ),
  ).toThrow();
  expect(text(a)).toBe('old');
  expect(readdirSync(dir.path).sort()).toEqual(before);
});

test('swap: a link stays a link, the file behind it changes', async () => {
  await using dir = tempDir();
  const [real, link, source] = ['real', 'link', 'source'].map((name) => join(dir.path, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(real, 'old');
  symlinkSync(real, link);
  writeFileSync(source, 'new');
  swapFiles([{ target: link, source }], 'S');
  expect([text(link), text(real), statSync(link).isFile()]).toEqual(['new', 'new', true]);
});

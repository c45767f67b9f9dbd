/** A disk that fills up in the middle of a backup and of a restore (a small tmpfs; needs root). */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanEnv, run } from '../support/process.ts';
import { tempDir } from '../support/temp-dir.ts';

const CLI = 'bin/snowflake-mcp-daemon.js';

function smallDisk(path: string): AsyncDisposable {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', path]);
  return { [Symbol.asyncDispose]: async () => void execFileSync('umount', [path]) };
}

function fill(path: string, leaveBytes: number): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, 'ballast'), Buffer.alloc(Number(bavail) * Number(bsize) - leaveBytes));
}

test('backup: a disk that fills up is named, and nothing is left on it', async () => {
  await using dir = tempDir();
  const disk = join(dir.path, 'disk');
  await using _mounted = smallDisk(disk);
  mkdirSync(join(dir.path, 'log'));
  writeFileSync(join(dir.path, 'log', 'daemon.log'), randomBytes(2_000_000).toString('hex'));
  const env = cleanEnv({ STATE_DIR: join(dir.path, 'state'), LOG_FILE: join(dir.path, 'log', 'daemon.log') });
  const ended = await run(CLI, ['backup', disk, '--pid-file', join(dir.path, 'd.pid')], { env, cwd: dir.path });
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the disk is full') });
  expect(readdirSync(disk)).toEqual([]);
});

test.each(['the place of the files', 'the place it is unpacked to'])(
  'restore: a full disk at %s changes nothing',
  async (where) => {
    await using dir = tempDir();
    const disk = join(dir.path, 'disk');
    const home = where === 'the place of the files' ? disk : join(dir.path, 'home');
    await using _mounted = smallDisk(disk);
    if (home !== disk) mkdirSync(home);
    const env = cleanEnv({
      STATE_DIR: join(dir.path, 'state'),
      LOG_FILE: join(dir.path, 'log', 'daemon.log'),
      ...(home === disk ? {} : { TMPDIR: disk }),
    });
    const flags = ['--pid-file', join(dir.path, 'd.pid')];
    writeFileSync(join(home, '.env'), 'LOG_LEVEL=debug\n');
    const config = `limits:\n  max_rows: 5000\n#${'x'.repeat(60_000)}\n`;
    writeFileSync(join(home, 'snowflake-mcp.yaml'), config);
    const made = await run(CLI, ['backup', join(dir.path, 'out'), '--json', ...flags], { env, cwd: home });
    const { file } = JSON.parse(made.stdout) as { file: string };
    writeFileSync(join(home, '.env'), 'LOG_LEVEL=info\n');
    fill(disk, 40_000);
    const before = readdirSync(home).sort();
    const ended = await run(CLI, ['restore', file, ...flags], { env, cwd: home });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the disk is full') });
    expect(readdirSync(home).sort()).toEqual(before);
    expect(readFileSync(join(home, '.env'), 'utf8')).toBe('LOG_LEVEL=info\n');
    expect(readFileSync(join(home, 'snowflake-mcp.yaml'), 'utf8')).toBe(config);
    expect(readdirSync(disk)).toEqual(home === disk ? before : ['ballast']);
  },
);

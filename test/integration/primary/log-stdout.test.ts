import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createStdoutLog } from '../../../src/primary/log-stdout.ts';
import { LOG_PIPE_MAX_BYTES } from '../../../src/shared/log-pipe.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** Both ends of a pipe that holds 64 KiB; reading never waits. */
function pipe(dir: string): { writeFd: number; read(): string } {
  const path = join(dir, 'pipe');
  execFileSync('mkfifo', [path]);
  const writeFd = openSync(path, 'r+');
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => {
    closeSync(readFd);
    closeSync(writeFd);
  });
  const buffer = Buffer.alloc(1 << 20);
  return {
    writeFd,
    read: () => {
      try {
        return buffer.toString('utf8', 0, readSync(readFd, buffer));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
        throw error;
      }
    },
  };
}

test('stdout log: a line arrives whole, with its end', async () => {
  await using dir = tempDir();
  const { writeFd, read } = pipe(dir.path);
  const log = createStdoutLog(writeFd);
  log.write('{"event":"one"}');
  log.write('{"event":"two"}');
  await log.close();
  expect(read()).toBe('{"event":"one"}\n{"event":"two"}\n');
  expect(log.dropped()).toBe(0);
});

test('stdout log: a reader that does not read costs lines, which are counted, and nobody waits', async () => {
  await using dir = tempDir();
  const { writeFd, read } = pipe(dir.path);
  const log = createStdoutLog(writeFd);
  const line = 'x'.repeat(1023);
  const lines = (2 * LOG_PIPE_MAX_BYTES) / 1024;
  for (let i = 0; i < lines; i++) log.write(line);
  expect(log.dropped()).toBeGreaterThan(lines / 3);
  const taken = lines - log.dropped();
  // The reader comes back: what was taken arrives, and new lines do too.
  let arrived = 0;
  await eventually(
    () => {
      arrived += read().length / 1024;
      return arrived >= taken;
    },
    { what: 'the lines that were taken' },
  );
  log.write('after');
  await log.close();
  expect(read()).toBe('after\n');
});

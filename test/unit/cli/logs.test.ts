/** Which lines `logs` prints: of which files, in which order. */
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Context } from '../../../src/cli/command.ts';
import { logsCommand } from '../../../src/cli/commands/logs.ts';
import { tempDir } from '../../support/temp-dir.ts';

const DAY_MS = 86_400_000;

const line = (time: string, msg: string, level = 'info') => `${JSON.stringify({ time, level, event: 'x', msg })}\n`;

function contextAt(dir: string, print: (text: string) => void, endOfReading = AbortSignal.abort()): Context {
  return {
    terminal: {
      print,
      redraw: () => {},
      note: () => {},
      progress: () => ({ step: () => {}, done: () => {} }),
    },
    cwd: dir,
    env: { LOG_FILE: join(dir, 'log/daemon.log'), HOME: dir },
    interruption: () => AbortSignal.abort(),
    endOfReading: () => endOfReading,
  };
}

/** The messages that are printed. */
async function logs(dir: string, more: { worker?: number; level?: 'warn'; since?: number; lines?: number } = {}) {
  const printed: string[] = [];
  const context = contextAt(dir, (text) => void printed.push(text));
  const args = { follow: false, reopen: false, 'pid-file': join(dir, 'd.pid'), ...more };
  expect(await logsCommand.run(args, context)).toBe(0);
  return printed.map((text) => (JSON.parse(text) as { msg: string }).msg);
}

function write(dir: string, files: Readonly<Record<string, string>>): (name: string) => string {
  const at = (name: string) => join(dir, 'log', name);
  mkdirSync(join(dir, 'log'));
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  return at;
}

test('logs: without a merged file the lines of the daemon and of all workers, by time', async () => {
  await using dir = tempDir();
  write(dir.path, {
    'daemon.log': line('2026-01-01T00:00:01Z', 'starts') + line('2026-01-01T00:00:04Z', 'ready'),
    'worker-0.log': line('2026-01-01T00:00:03Z', 'one', 'warn'),
    'worker-11.log': line('2026-01-01T00:00:02Z', 'two'),
    'audit.log': line('2026-01-01T00:00:02Z', 'not meant'),
  });
  expect(await logs(dir.path)).toEqual(['starts', 'two', 'one', 'ready']);
  expect(await logs(dir.path, { lines: 2 })).toEqual(['one', 'ready']);
  expect(await logs(dir.path, { level: 'warn' })).toEqual(['one']);
  expect(await logs(dir.path, { worker: 11 })).toEqual(['two']);
});

test('logs: a merged file of a time when lines were merged does not hide the newer ones', async () => {
  await using dir = tempDir();
  const at = write(dir.path, {
    'application.log': line('2026-01-01T00:00:00Z', 'merged'),
    'daemon.log': line('2026-02-02T00:00:00Z', 'alone'),
  });
  expect(await logs(dir.path)).toEqual(['merged']);
  const long = new Date(Date.now() - DAY_MS);
  utimesSync(at('application.log'), long, long);
  expect(await logs(dir.path)).toEqual(['alone']);
});

test('logs --since: reads what was rotated since then, the oldest first, with gzip too', async () => {
  await using dir = tempDir();
  const at = write(dir.path, {
    'application.log.2026-01-01': line('2026-01-01T10:00:00Z', 'too old'),
    'application.log.2026-01-02.1': line('2026-01-02T12:00:00Z', 'third'),
    'application.log.2026-01-02.2': line('2026-01-02T13:00:00Z', 'current'),
    'application.log.2026-01-02.note': line('2026-01-02T13:00:00Z', 'not ours'),
    'application.log.2026-01-02.3.gz': 'no gzip at all',
    'daemon.log': '',
  });
  const gzip = gzipSync(line('2026-01-01T11:00:00Z', 'before') + line('2026-01-02T11:00:00Z', 'second'));
  writeFileSync(at('application.log.2026-01-02.gz'), gzip);
  symlinkSync('application.log.2026-01-02.2', at('application.log'));
  const old = new Date('2026-01-01T12:00:00Z');
  utimesSync(at('application.log.2026-01-01'), old, old);
  expect(await logs(dir.path, { since: Date.parse('2026-01-02T00:00:00Z') })).toEqual(['second', 'third', 'current']);
  expect(await logs(dir.path)).toEqual(['current']);
});

test('logs: just after midnight the last lines of yesterday come before the few of today', async () => {
  await using dir = tempDir();
  const at = write(dir.path, {
    'application.log.2026-01-01': line('2026-01-01T12:00:00Z', 'long ago'),
    'application.log.2026-01-02': line('2026-01-02T12:00:00Z', 'noon') + line('2026-01-02T23:59:00Z', 'evening'),
    'application.log.2026-01-03': line('2026-01-03T00:00:00Z', 'midnight'),
    'daemon.log': '',
  });
  symlinkSync('application.log.2026-01-03', at('application.log'));
  expect(await logs(dir.path)).toEqual(['noon', 'evening', 'midnight']);
  expect(await logs(dir.path, { lines: 2 })).toEqual(['evening', 'midnight']);
  expect(await logs(dir.path, { lines: 1 })).toEqual(['midnight']);
});

test('logs -f: follows the file of a worker that is added later, from its first line, with the same filter', async () => {
  await using dir = tempDir();
  const at = write(dir.path, { 'daemon.log': line('2026-01-01T00:00:01Z', 'starts', 'warn'), 'worker-0.log': '' });
  const stop = new AbortController();
  const seen: string[] = [];
  const print = (text: string) => {
    const { msg } = JSON.parse(text) as { msg: string };
    seen.push(msg);
    if (msg === 'starts') {
      writeFileSync(at('worker-1.log'), line('2026-01-01T00:00:02Z', 'chatter') + line('2026', 'added', 'warn'));
      writeFileSync(at('worker-1.log.1'), line('2026', 'not meant', 'warn'));
    }
    if (msg === 'added') writeFileSync(at('worker-0.log'), line('2026', 'old one goes on', 'warn'));
    if (msg === 'old one goes on') stop.abort();
  };
  const args = { follow: true, reopen: false, level: 'warn' as const, 'pid-file': join(dir.path, 'd.pid') };
  expect(await logsCommand.run(args, contextAt(dir.path, print, stop.signal))).toBe(0);
  expect(seen).toEqual(['starts', 'added', 'old one goes on']);
});

test('logs -f: as many files as a machine has workers are no leak to Node', async () => {
  await using dir = tempDir();
  const workers = Array.from({ length: 12 }, (_, slot) => [`worker-${slot}.log`, '']);
  const at = write(dir.path, { 'daemon.log': line('2026-01-01T00:00:01Z', 'starts'), ...Object.fromEntries(workers) });
  const warnings: string[] = [];
  const hear = ({ name }: Error) => void warnings.push(name);
  process.on('warning', hear);
  const stop = new AbortController();
  let printed = 0;
  const print = () => {
    printed += 1;
    // Found at the second look: between both, all files were waited for.
    if (printed === 1) setTimeout(() => writeFileSync(at('worker-11.log'), line('2026', 'last')), 50);
    else stop.abort();
  };
  const args = { follow: true, reopen: false, 'pid-file': join(dir.path, 'd.pid') };
  expect(await logsCommand.run(args, contextAt(dir.path, print, stop.signal))).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', hear);
  expect([printed, warnings]).toEqual([2, []]);
});

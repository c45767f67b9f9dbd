/** The log files on a real disk: which line goes where, rotation, reopening, and a disk that does not take them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createLogSink } from '../../../src/primary/log-sink.ts';
import { LOG_LINE_MAX_BYTES } from '../../../src/shared/log-pipe.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/temp-dir.ts';

const FULL_DISK = fileURLToPath(new URL('../../support/full-disk.mjs', import.meta.url));

type Logging = Parameters<typeof createLogSink>[0];
const LOGGING: Logging = {
  format: 'json',
  merge_logs: true,
  stdout: false,
  rotate: 'internal',
  max_size: 10 * 1024 * 1024,
  max_files: 5,
};

async function sinkIn(dir: string, more: Partial<Logging> = {}) {
  const logDir = join(dir, 'log');
  const sink = await createLogSink({ ...LOGGING, ...more }, { logDir, daemonLog: join(logDir, 'daemon.log') });
  const lines = (name: string) => readFileSync(join(logDir, name), 'utf8').split('\n').slice(0, -1);
  return { sink, logDir, lines };
}

function workerStreams() {
  return { log: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
}

test('log: the lines of the daemon, of workers and of the audit go unchanged to their files and to the merged one', async () => {
  await using dir = tempDir();
  const { sink, lines } = await sinkIn(dir.path);
  const streams = workerStreams();
  sink.attachWorker(3, streams);
  sink.daemon.write('{"event":"daemon.started"}\n');
  streams.log.write('l{"event":"tool_call","é":1}\na{"event":"audit"}\nl{"ev');
  streams.log.end('ent":"last"}');
  for (const stream of [streams.stdout, streams.stderr]) stream.end();
  await once(streams.log, 'close');
  await sink.close();
  expect(lines('daemon.log')).toEqual(['{"event":"daemon.started"}']);
  expect(lines('worker-3.log')).toEqual(['{"event":"tool_call","é":1}', '{"event":"last"}']);
  expect(lines('audit.log')).toEqual(['{"event":"audit"}']);
  expect(lines('application.log').sort()).toEqual(
    [...lines('daemon.log'), ...lines('worker-3.log'), ...lines('audit.log')].sort(),
  );
  expect(sink.dropped()).toBe(0);
});

test('log: when the spare takes a slot, its further lines go to the file of the slot', async () => {
  await using dir = tempDir();
  const { sink, lines } = await sinkIn(dir.path);
  const streams = workerStreams();
  const output = sink.attachWorker(-1, streams);
  streams.log.write('l{"at":"spare"}\n');
  await eventually(() => lines('worker-spare.log').length === 1);
  output.move(2);
  streams.log.end('l{"at":"slot"}\n');
  streams.stdout.end('printed\n');
  streams.stderr.end();
  await Promise.all([once(streams.log, 'close'), once(streams.stdout, 'close')]);
  await sink.close();
  expect(lines('worker-spare.log')).toEqual(['{"at":"spare"}']);
  expect(lines('worker-2.log')[0]).toBe('{"at":"slot"}');
  expect(JSON.parse(lines('worker-2.log')[1] ?? '')).toMatchObject({ event: 'worker.stdout', worker: 2 });
});

test('log: what a worker prints becomes lines with the event, the slot and no secret', async () => {
  await using dir = tempDir();
  const { sink, lines } = await sinkIn(dir.path, { merge_logs: false });
  const streams = workerStreams();
  sink.attachWorker(0, streams);
  streams.stdout.end('hello\npassword=hunter2\n');
  streams.stderr.end('    at somewhere\n');
  streams.log.end('no mark\n');
  await Promise.all(Object.values(streams).map((stream) => once(stream, 'close')));
  await sink.close();
  const found = lines('worker-0.log').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(found).toContainEqual(
    expect.objectContaining({ event: 'worker.stdout', msg: 'hello', worker: 0, level: 'info' }),
  );
  expect(found).toContainEqual(expect.objectContaining({ event: 'worker.stderr', level: 'warn' }));
  expect(JSON.stringify(found)).toContain('no mark');
  expect(JSON.stringify(found)).not.toContain('hunter2');
  expect(existsSync(join(dir.path, 'log', 'application.log'))).toBe(false);
});

test('log: a worker that prints without end fills neither memory nor disk, and what is left out is counted', async () => {
  await using dir = tempDir();
  const { sink, logDir } = await sinkIn(dir.path);
  const streams = workerStreams();
  sink.attachWorker(0, streams);
  for (let at = 0; at < 200; at += 1) streams.stdout.write('flood\n'.repeat(1000));
  streams.stdout.end('x'.repeat(5_000_000));
  await once(streams.stdout, 'close');
  expect(sink.dropped()).toBeGreaterThan(190_000);
  for (const stream of [streams.log, streams.stderr]) stream.end();
  await sink.close();
  expect(statSync(join(logDir, 'worker-0.log')).size).toBeLessThan(2_000_000);
});

test('log: a line that is too long is cut, the next one is whole', async () => {
  await using dir = tempDir();
  const { sink, lines } = await sinkIn(dir.path);
  const streams = workerStreams();
  sink.attachWorker(0, streams);
  streams.log.end(`l${'x'.repeat(LOG_LINE_MAX_BYTES * 3)}\nlnext\n`);
  await once(streams.log, 'close');
  for (const stream of [streams.stdout, streams.stderr]) stream.end();
  await sink.close();
  expect(lines('worker-0.log').map((line) => line.length)).toEqual([LOG_LINE_MAX_BYTES - 1, 4]);
});

test('log: files rotate by size, old ones are gzipped and limited in number, the name leads to the newest', async () => {
  await using dir = tempDir();
  const { sink, logDir } = await sinkIn(dir.path, { max_size: 10 * 1024, max_files: 3 });
  const line = (at: number) => `{"at":${at},"fill":"${'x'.repeat(1000)}"}\n`;
  const rotated = () => readdirSync(logDir).filter((name) => name.startsWith('daemon.log.'));
  for (let at = 0; at < 100; at += 1) sink.daemon.write(line(at));
  await sink.close();
  const isTidy = () => rotated().length === 4 && rotated().filter((name) => name.endsWith('.gz')).length === 3;
  await eventually(isTidy, { what: 'old files are gzipped' });
  expect(lstatSync(join(logDir, 'daemon.log')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(logDir, 'daemon.log'), 'utf8')).toContain('"at":99');
  const texts = rotated().map((name) => {
    const bytes = readFileSync(join(logDir, name));
    return name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  });
  const numbers = [...texts.join('').matchAll(/"at":(\d+)/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
  expect(numbers.length).toBeGreaterThan(30);
  expect(numbers).toEqual(Array.from(numbers, (_, at) => 100 - numbers.length + at));
  for (const name of rotated()) expect(statSync(join(logDir, name)).mode & 0o777).toBe(0o640);
});

test('log: a restart goes on in the same file and keeps the limit, even when the list of files is broken', async () => {
  await using dir = tempDir();
  const first = await sinkIn(dir.path);
  first.sink.daemon.write('one\n');
  await first.sink.close();
  for (let day = 10; day < 30; day += 1) {
    const old = join(first.logDir, `daemon.log.2020-01-${day}`);
    writeFileSync(day === 29 ? old : `${old}.gz`, '');
  }
  writeFileSync(join(first.logDir, 'daemon.log.txt'), 'not a log of ours');
  writeFileSync(join(first.logDir, '.daemon.log-audit.json'), '{"keep":');
  const second = await sinkIn(dir.path);
  second.sink.daemon.write('two\n');
  await second.sink.close();
  expect(second.lines('daemon.log')).toEqual(['one', 'two']);
  const rotated = () => readdirSync(first.logDir).filter((name) => name.startsWith('daemon.log.2'));
  await eventually(() => rotated().includes('daemon.log.2020-01-29.gz'), { what: 'what was left plain is gzipped' });
  expect(rotated()).toHaveLength(LOGGING.max_files + 1);
  expect(existsSync(join(first.logDir, 'daemon.log.txt'))).toBe(true);
});

test('log: reopen makes new files for those that were moved away, and nothing is lost', async () => {
  await using dir = tempDir();
  const { sink, logDir, lines } = await sinkIn(dir.path);
  sink.daemon.write('before\n');
  const [current = ''] = readdirSync(logDir).filter((name) => /^daemon\.log\.\d/.test(name));
  await eventually(() => readFileSync(join(logDir, current), 'utf8') === 'before\n', { what: 'it is written' });
  renameSync(join(logDir, current), join(logDir, 'moved'));
  sink.reopen();
  sink.daemon.write('after\n');
  await sink.close();
  expect(lines('moved')).toEqual(['before']);
  expect(lines('daemon.log')).toEqual(['after']);
  expect(sink.dropped()).toBe(0);
});

test('log: with an outside rotation the files are plain, go on after a restart, and are new after a reopen', async () => {
  await using dir = tempDir();
  const rotated = await sinkIn(dir.path);
  rotated.sink.daemon.write('by ourselves\n');
  await rotated.sink.close();
  const first = await sinkIn(dir.path, { rotate: 'external', max_size: 10 });
  first.sink.daemon.write('one, longer than the size at which it would rotate\n');
  await first.sink.close();
  const { sink, logDir, lines } = await sinkIn(dir.path, { rotate: 'external', max_size: 10 });
  sink.daemon.write('two\n');
  await eventually(() => lines('daemon.log').length === 2, { what: 'both are in the plain file' });
  expect(lstatSync(join(logDir, 'daemon.log')).isFile()).toBe(true);
  renameSync(join(logDir, 'daemon.log'), join(logDir, 'daemon.log.1'));
  sink.reopen();
  sink.daemon.write('three\n');
  await sink.close();
  expect(lines('daemon.log.1')).toEqual(['one, longer than the size at which it would rotate', 'two']);
  expect(lines('daemon.log')).toEqual(['three']);
  expect(sink.dropped()).toBe(0);
});

test('log: a directory that is removed while it runs costs lines, not the daemon', async () => {
  await using dir = tempDir();
  const { sink, logDir, lines } = await sinkIn(dir.path);
  rmSync(logDir, { recursive: true });
  writeFileSync(logDir, 'a file instead');
  sink.reopen();
  sink.daemon.write('lost\n');
  await eventually(
    () => {
      sink.daemon.write('lost\n');
      return sink.dropped() > 0;
    },
    { what: 'lines are counted as lost' },
  );
  rmSync(logDir);
  mkdirSync(logDir);
  await eventually(
    () => {
      sink.daemon.write('back\n');
      return lines('daemon.log').includes('back');
    },
    { what: 'lines are written again' },
  );
  await sink.close();
});

test('log: a full disk costs lines, which are counted, and later ones are whole', async () => {
  await using dir = tempDir();
  const script = `ulimit -S -f 20; exec "${process.execPath}" "${FULL_DISK}" "${dir.path}"`;
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
  const { droppedWhileFull, dropped } = JSON.parse(output) as { droppedWhileFull: number; dropped: number };
  const lines = readFileSync(join(dir.path, 'daemon.log'), 'utf8').split('\n').slice(0, -1);
  const whole = lines.filter((line) => line.endsWith('}'));
  expect(whole.at(-1)).toBe('{"at":"after"}');
  expect(droppedWhileFull).toBeGreaterThan(50);
  expect(whole.length + dropped).toBe(101);
});

test.each<[string, (logDir: string) => void, RegExp]>([
  ['a file where the directory should be', (logDir) => writeFileSync(logDir, ''), /log directory .*log/],
  [
    'a directory under the name of the log',
    (logDir) => mkdirSync(join(logDir, 'daemon.log'), { recursive: true }),
    /daemon\.log.*not a plain file/,
  ],
  [
    'a link to something that is no log',
    (logDir) => {
      mkdirSync(logDir);
      symlinkSync('/dev/null', join(logDir, 'daemon.log'));
    },
    /link to \/dev\/null/,
  ],
  ['a link as directory that leads nowhere', (logDir) => symlinkSync('/proc/nowhere', logDir), /log directory/],
])('log: %s is refused with path and reason', async (_what, make, words) => {
  await using dir = tempDir();
  const logDir = join(dir.path, 'log');
  make(logDir);
  const start = createLogSink(LOGGING, { logDir, daemonLog: join(logDir, 'daemon.log') });
  await expect(start).rejects.toMatchObject({ code: 'PATH_UNUSABLE', message: expect.stringMatching(words) });
});

test('log: a directory where nothing can be made, or a name that rotation cannot handle, is refused', async () => {
  await using dir = tempDir();
  for (const logDir of ['/proc/sys/kernel', '/proc/none/below', join(dir.path, 'a(b')]) {
    const start = createLogSink(LOGGING, { logDir, daemonLog: join(logDir, 'daemon.log') });
    await expect(start).rejects.toMatchObject({ code: 'PATH_UNUSABLE' });
  }
});

test('log: a plain file under the name is moved aside, not lost', async () => {
  await using dir = tempDir();
  const logDir = join(dir.path, 'log');
  mkdirSync(logDir);
  writeFileSync(join(logDir, 'daemon.log'), 'older\n');
  const { sink, lines } = await sinkIn(dir.path);
  sink.daemon.write('newer\n');
  await sink.close();
  expect(lines('daemon.log')).toEqual(['newer']);
  expect(lines('daemon.log.old')).toEqual(['older']);
});

/** The report pipe of a detached start, between real processes (run `npm run build` first). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/process.ts';

async function report(code: string, options: { detached?: boolean; hasPipe?: boolean; isDeaf?: boolean } = {}) {
  const { detached = true, hasPipe = true, isDeaf = false } = options;
  const script = `
    const { createLaunchReport } = await import(${JSON.stringify(`file://${ROOT}dist/primary/launch-report.js`)});
    const { AppError } = await import(${JSON.stringify(`file://${ROOT}dist/shared/errors.js`)});
    const report = createLaunchReport(${detached});
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', hasPipe ? 'pipe' : 'ignore'],
  });
  let text = '';
  const pipe = child.stdio[3] as Readable | null;
  if (isDeaf) pipe?.destroy();
  pipe?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [exit] = (await once(child, 'close')) as [number | null];
  const lines = text.split('\n').slice(0, -1);
  return { exit, lines: lines.map((line) => JSON.parse(line) as unknown) };
}

const FAILED = "report.failed(new AppError('PORT_IN_USE', { host: 'h', port: 1, key: 'server.port' }));";

test('launch report: progress, then the last word, then silence', async () => {
  const ready = "report.ready({ pid: 1, url: 'u', metricsUrl: 'm', logFile: 'l', workers: 2, demo: true });";
  const { lines, exit } = await report(`report.progress('a'); ${ready} report.progress('late'); ${FAILED}`);
  expect(exit).toBe(0);
  expect(lines).toEqual([
    { type: 'progress', text: 'a' },
    { type: 'ready', pid: 1, url: 'u', metricsUrl: 'm', logFile: 'l', workers: 2, demo: true },
  ]);
});

test('launch report: a failure carries the reason, what to do and the exit code', async () => {
  const { lines } = await report(FAILED);
  expect(lines).toMatchObject([{ type: 'failed', exit: 1, error: { code: 'PORT_IN_USE', next: expect.any(String) } }]);
});

test('launch report: nobody who listens, no pipe, or a daemon in front are no failure', async () => {
  const busy = `for (let at = 0; at < 5; at += 1) { report.progress('x'); await new Promise((done) => setTimeout(done, 20)); } ${FAILED}`;
  expect((await report(busy, { isDeaf: true })).exit).toBe(0);
  expect((await report(busy, { hasPipe: false })).exit).toBe(0);
  expect(await report(busy, { detached: false })).toEqual({ exit: 0, lines: [] });
});

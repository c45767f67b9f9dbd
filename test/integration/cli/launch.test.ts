/** Launching in the background, with small programs in the place of the primary. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LaunchFailure, launchDaemon } from '../../../src/cli/daemon-launch.ts';
import { daemonPaths } from '../../../src/shared/paths.ts';
import { eventually } from '../../support/eventually.ts';
import { isAlive } from '../../support/process.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'launch-'));
});
afterEach(() => {
  const pid = pidOf();
  if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const HEAD = `
  import { writeFileSync, writeSync, closeSync, readSync } from 'node:fs';
  writeFileSync(new URL('pid', import.meta.url), String(process.pid));
  const say = (report) => writeSync(3, JSON.stringify(report) + '\\n');
  const ordered = () => {
    const bytes = Buffer.alloc(65536);
    return bytes.toString('utf8', 0, readSync(3, bytes));
  };
  const stay = () => setInterval(() => {}, 1000);
`;

function pidOf(): number | undefined {
  try {
    return Number(readFileSync(join(dir, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function launch(body: string, more: { deadlineMs?: number; interruption?: AbortSignal; steps?: string[] } = {}) {
  writeFileSync(join(dir, 'primary.mjs'), HEAD + body);
  const location = {
    server: { pid_file: join(dir, 'd.pid') },
    logging: { file: join(dir, 'daemon.log') },
    state: {},
    auth: {},
  };
  const paths = daemonPaths(location as Parameters<typeof daemonPaths>[0], dir, {});
  const spec = { cwd: dir, flags: { 'server.port': '0' }, demo: true, detached: true };
  return launchDaemon(
    { spec },
    { env: { PATH: process.env.PATH } },
    {
      paths,
      deadlineMs: more.deadlineMs ?? 20_000,
      interruption: more.interruption ?? new AbortController().signal,
      onProgress: (text) => more.steps?.push(text),
      program: join(dir, 'primary.mjs'),
    },
  );
}

test('launch: progress is told, the daemon gets its order by the pipe, and it lives on', async () => {
  const steps: string[] = [];
  const ready = await launch(
    `say({ type: 'progress', text: 'one' });
     say({ type: 'ready', pid: process.pid, url: ordered() });
     closeSync(3); stay();`,
    { steps },
  );
  expect(steps).toEqual(['one']);
  const { spec } = JSON.parse(ready.url);
  expect(spec).toMatchObject({ cwd: dir, demo: true, detached: true, flags: { 'server.port': '0' } });
  expect([ready.pid, isAlive(ready.pid)]).toEqual([pidOf(), true]);
});

test('launch: the reason of the daemon comes with its exit code', async () => {
  const failure = await launch(
    `say({ type: 'failed', exit: 78, error: { code: 'CONFIG_INVALID', message: 'm', next: 'n', retry: false } });`,
  ).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LaunchFailure);
  expect(failure).toMatchObject({ exit: 78, body: { code: 'CONFIG_INVALID', message: 'm', next: 'n' } });
});

test('launch: a daemon that dies without a word is told with its last words', async () => {
  await expect(launch(`throw new Error('out of luck')`)).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringMatching(/ended without a word; its last words:[\s\S]*out of luck[\s\S]*daemon\.log/),
  });
});

test('launch: Ctrl-C stops the daemon that was being started', async () => {
  const controller = new AbortController();
  const steps: string[] = [];
  const launched = launch(`say({ type: 'progress', text: 'busy' }); stay();`, {
    interruption: controller.signal,
    steps,
  });
  launched.catch(() => {});
  await eventually(() => steps.length === 1, { what: 'the daemon is busy' });
  controller.abort();
  await expect(launched).rejects.toThrow('interrupted');
  expect(isAlive(pidOf() ?? 0)).toBe(false);
});

test('launch: a daemon that says nothing until the deadline is stopped', async () => {
  await expect(launch('stay();', { deadlineMs: 600 })).rejects.toThrow('600 ms');
  expect(isAlive(pidOf() ?? 0)).toBe(false);
});

/** A daemon whose package is replaced, moved or taken away on disk while it runs, as `npm install` does it. */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { OPS_ROUTES } from '../../../src/primary/ops-routes.ts';
import type { DaemonStatus } from '../../../src/shared/control-api.ts';
import { sourceStack } from '../../../src/shared/source-stack.ts';
import { daemonHome } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { ROOT, run } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const CLI = 'bin/snowflake-mcp-daemon.js';
const START = ['start', '--demo', '--port', '0', '--metrics-port', '0', '--workers', '1'];

/** A package of its own, with the packages of this one. */
function copyPackage(to: string): void {
  for (const name of ['bin', 'dist', 'config', 'package.json']) {
    cpSync(join(ROOT, name), join(to, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
}

/** What another version does: every chunk has another name, those of the running daemon are gone. */
function replaceChunks(root: string): void {
  const dist = join(root, 'dist');
  const chunks = readdirSync(join(dist, 'chunks')).filter((name) => name.endsWith('.js'));
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  for (const file of files) {
    const text = readFileSync(join(dist, file), 'utf8');
    const next = chunks.reduce((all, name) => all.replaceAll(name, `next-${name}`), text);
    if (next !== text) writeFileSync(join(dist, file), next);
  }
  for (const name of chunks) renameSync(join(dist, 'chunks', name), join(dist, 'chunks', `next-${name}`));
}

test('upgrade: after its files were replaced, a running daemon reloads into the new ones and then stops', async () => {
  await using dir = tempDir();
  copyPackage(dir.path);
  const home = daemonHome();
  const cli = (...words: string[]) =>
    run(join(dir.path, 'bin/snowflake-mcp-daemon.js'), [...words, ...home.flags], { env: home.env, cwd: home.dir });
  const started = await cli(...START);
  expect(started.code, started.stderr).toBe(0);
  try {
    replaceChunks(dir.path);
    const reloaded = await cli('reload', '--wait');
    expect(reloaded.code, reloaded.stderr).toBe(0);
    expect(reloaded.stdout).toContain('generation 1');
  } finally {
    expect((await cli('stop')).code).toBe(0);
  }
});

/** Every address of the service that is read without an argument. */
async function addressesOf(url: string): Promise<string[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const read = Object.entries(paths).filter(([path, methods]) => 'get' in methods && !/[{*]|^\/mcp/.test(path));
  return read.map(([path]) => `${url}${path}`);
}

/** Pairs of address and status. */
function answersOf(addresses: readonly string[]): Promise<[string, number][]> {
  const ask = async (address: string): Promise<[string, number]> => {
    const answer = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return [address, answer.status];
  };
  return Promise.all(addresses.map(ask));
}

test('upgrade: while its files are gone a daemon answers everywhere, refuses a reload in plain words, and is itself again later', async () => {
  await using dir = tempDir();
  copyPackage(dir.path);
  const home = daemonHome();
  writeFileSync(
    join(home.dir, 'snowflake-mcp.yaml'),
    'workers: { restart_delay: 200ms, reload_soak: 100ms, errored_retry: 1s }\n',
  );
  // The commands of a package that is there; the daemon is that of the copy.
  const cli = (words: readonly string[], program = CLI) =>
    run(program, [...words, ...home.flags], { env: home.env, cwd: home.dir });
  const status = async () => JSON.parse((await cli(['status', '--json'])).stdout) as DaemonStatus;
  const started = await cli(START, join(dir.path, CLI));
  expect(started.code, started.stderr).toBe(0);
  const [dist, away] = [join(dir.path, 'dist'), join(dir.path, 'away')];
  try {
    const first = await status();
    const service = await addressesOf(first.url);
    const before = await answersOf(service);
    expect(before.filter(([, code]) => code === 200).length).toBeGreaterThan(10);
    renameSync(dist, away);
    const origin = new URL(first.metricsUrl).origin;
    const ofPrimary = await answersOf(Object.values(OPS_ROUTES).map(({ path }) => `${origin}${path}`));
    expect(ofPrimary.filter(([, code]) => code !== 200)).toEqual([]);
    expect(await answersOf(service)).toEqual(before);
    const client = await connectClient(first.url);
    expect(textOf(await client.call('execute_query', { query: 'SELECT 6 * 7 AS N' }))).toContain('42');
    await client.close();

    const refused = await cli(['reload', '--wait']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('next-config-main.js is not there') });
    expect(await status()).toMatchObject({ pid: first.pid, generation: 0, lastReload: { ok: false } });

    process.kill(first.workers[0]?.pid ?? 0, 'SIGKILL');
    await eventually(async () => (await status()).workers[0]?.lastExit.startsWith('boot_failure'), {
      deadlineMs: 20_000,
    });
    renameSync(away, dist);
    await eventually(async () => (await status()).workers[0]?.state === 'ready', { deadlineMs: 30_000 });
    expect((await cli(['reload', '--wait'])).stdout).toContain('generation 1');

    renameSync(dist, away);
    const restarted = await cli(['restart']);
    expect(restarted.code, restarted.stderr).toBe(0);
    expect((await status()).pid).not.toBe(first.pid);
  } finally {
    expect((await cli(['stop'])).code).toBe(0);
    rmSync(home.dir, { recursive: true, force: true });
  }
}, 240_000);

test('upgrade: of versions side by side a reload takes the one that the link leads to now', async () => {
  await using dir = tempDir();
  const [one, two, link] = ['one', 'two', 'current'].map((name) => join(dir.path, name)) as [string, string, string];
  for (const version of [one, two]) {
    mkdirSync(version);
    copyPackage(version);
  }
  appendFileSync(join(two, 'dist/worker/main.js'), "\nconsole.error('this is version two');\n");
  symlinkSync(one, link);
  const home = daemonHome();
  const cli = (...words: string[]) => run(join(link, CLI), [...words, ...home.flags], { env: home.env, cwd: home.dir });
  const started = await cli(...START);
  expect(started.code, started.stderr).toBe(0);
  try {
    rmSync(link);
    symlinkSync(two, link);
    rmSync(one, { recursive: true });
    const reloaded = await cli('reload', '--wait');
    expect(reloaded.code, reloaded.stderr).toBe(0);
    expect(readFileSync(join(home.dir, 'log/worker-0.log'), 'utf8')).toContain('this is version two');
  } finally {
    expect((await cli('stop')).code).toBe(0);
    rmSync(home.dir, { recursive: true, force: true });
  }
}, 120_000);

test('upgrade: a stack is told in lines of the sources as long as its files are those that were loaded', () => {
  const error = new Error('x');
  const [line = 0, column = 0] = placeOf('dist/cli/main.js', 'runCommand');
  error.stack = `Error: x\n    at f (${pathToFileURL(join(ROOT, 'dist/cli/main.js')).href}:${line}:${column})`;
  expect(sourceStack(error)).toMatch(/at f \(src\/cli\/main\.ts:\d+:\d+\)/);
  expect(sourceStack(error, 0)).toBe(error.stack);
});

/** Line and column of a word, counted from one. */
function placeOf(file: string, word: string): number[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const at = lines.findIndex((text) => text.includes(word));
  return [at + 1, (lines[at] ?? '').indexOf(word) + 1];
}

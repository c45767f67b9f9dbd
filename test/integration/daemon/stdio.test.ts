/** `snowflake-mcp --demo`: the same tools over stdio, nothing but JSON-RPC on stdout. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { startEmbedded } from '../../../src/embedded/start.ts';
import { slowSql } from '../../support/account-daemon.ts';
import { daemonHome } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { descendants, isAlive, ROOT } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

interface Answer {
  readonly id?: number | null;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly data?: { readonly code: string } };
}

function startStdio(options: { args?: readonly string[]; env?: Record<string, string> } = {}) {
  const { args = ['--demo'], env = {} } = options;
  const home = daemonHome();
  const child = spawn(process.execPath, [`${ROOT}bin/snowflake-mcp.js`, ...args], {
    env: { ...home.env, ...env },
    cwd: home.dir,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const answers = () =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Answer);
  return {
    child,
    ended,
    stderr: () => err,
    answers,
    send: (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`),
    answer: (id: number) =>
      eventually(() => answers().find((line) => line.id === id) ?? false, { what: `answer ${id}`, deadlineMs: 30_000 }),
  };
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};
const call = (id: number, query: string) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query } },
});

test('stdio: initialize, list and call; every line of stdout is JSON-RPC; EOF ends it and its engine', async () => {
  const server = startStdio();
  server.send(INITIALIZE);
  await server.answer(1);
  server.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  server.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  server.send(call(3, 'SELECT 40 + 2 AS N'));
  server.send(call(4, 'DROP TABLE X'));
  expect(JSON.stringify((await server.answer(2)).result)).toContain('describe_view');
  expect(JSON.stringify((await server.answer(3)).result)).toContain('42');
  expect(JSON.stringify((await server.answer(4)).result)).toContain('SQL_REFUSED');
  const family = [server.child.pid ?? 0, ...descendants(server.child.pid ?? 0)];
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  await eventually(() => family.every((pid) => !isAlive(pid)), { what: 'the engine is gone' });
  for (const line of server.answers()) expect(line).toHaveProperty('jsonrpc', '2.0');
});

test('stdio: a client that closes stdin and reads slowly gets its answers whole', async () => {
  const server = startStdio({ args: ['--demo', '--log-level', 'info'] });
  server.child.stdout.pause();
  server.send(INITIALIZE);
  server.send(call(2, "SELECT REPEAT('x', 200000) AS T FROM TABLE(GENERATOR(ROWCOUNT => 8))"));
  server.child.stdin.end();
  await eventually(() => server.stderr().includes('tool_call'), { what: 'the call has ended', deadlineMs: 30_000 });
  const startedAt = performance.now();
  await eventually(() => server.child.exitCode !== null || performance.now() - startedAt > 2000);
  server.child.stdout.resume();
  expect(await server.ended).toBe(0);
  expect(JSON.stringify(server.answers().at(-1)).length).toBeGreaterThan(8 * 200_000);
});

test('stdio: SIGTERM ends it cleanly', async () => {
  const server = startStdio();
  server.send(INITIALIZE);
  await server.answer(1);
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
});

test('stdio: a reader that went away ends it without a trace', async () => {
  const server = startStdio();
  server.send(INITIALIZE);
  await server.answer(1);
  server.child.stdout.destroy();
  server.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  server.send({ jsonrpc: '2.0', id: 3, method: 'tools/list' });
  await server.ended;
  expect(server.stderr()).not.toMatch(/\n\s+at /);
});

test('stdio: SIGTERM cancels the running statement in Snowflake, and it ends cleanly', async () => {
  const account = await startEmbedded({ account: 'TESTACCOUNT', user: 'ALICE', password: 'pa55-word-XYZ' });
  try {
    const login = { SNOWFLAKE_ACCOUNT: 'TESTACCOUNT', SNOWFLAKE_USER: 'ALICE', SNOWFLAKE_PASSWORD: 'pa55-word-XYZ' };
    const server = startStdio({ args: [], env: { ...login, SNOWFLAKE_ACCESS_URL: account.url } });
    server.send(INITIALIZE);
    server.send(call(2, slowSql('STDIO_SLOW')));
    const state = () => account.queries().find((entry) => entry.sqlText.includes('STDIO_SLOW'))?.state;
    await eventually(() => state() === 'running', { what: 'the statement runs', deadlineMs: 30_000 });
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    await eventually(() => state() === 'aborted', { what: 'the statement is cancelled' });
  } finally {
    await account.close();
  }
});

test('stdio: what is no JSON, no message or too long gets an error, and the session goes on', async () => {
  const server = startStdio();
  server.child.stdin.write('{nope\n\r\n[]\n');
  const megabyte = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 20; i++) server.child.stdin.write(megabyte);
  server.child.stdin.write('\n');
  server.send(INITIALIZE);
  await server.answer(1);
  const errors = server.answers().filter((line) => line.id === null);
  expect(errors.map(({ error }) => [error?.code, error?.data?.code])).toEqual([
    [-32700, 'NOT_JSON'],
    [-32600, 'BAD_REQUEST'],
    [-32600, 'BODY_TOO_LARGE'],
  ]);
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
});

/** Prints in every way as soon as the program listens to its client. */
const NOISY = `setInterval(() => {
  if (process.stdin.listenerCount('data') === 0) return;
  console.log('noise log'); console.info('noise info'); console.table([1]);
  process.stdout.write('noise write'); process.emitWarning('noise warning');
}, 20).unref();`;

test('stdio: whatever a dependency prints, and warnings, go to stderr', async () => {
  await using dir = tempDir();
  writeFileSync(join(dir.path, 'noisy.mjs'), NOISY);
  const server = startStdio({ env: { NODE_OPTIONS: `--import=${join(dir.path, 'noisy.mjs')}` } });
  server.send(INITIALIZE);
  await server.answer(1);
  server.send(call(2, 'SELECT 1'));
  await server.answer(2);
  await eventually(() =>
    ['log', 'info', 'write', 'warning'].every((kind) => server.stderr().includes(`noise ${kind}`)),
  );
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  for (const line of server.answers()) expect(line).toHaveProperty('jsonrpc', '2.0');
});

test('stdio: what was asked before the end of stdin is answered', async () => {
  const server = startStdio();
  for (const message of [
    INITIALIZE,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    call(2, 'SELECT 40 + 2'),
  ]) {
    server.send(message);
  }
  server.child.stdin.end();
  expect(await server.ended).toBe(0);
  expect(JSON.stringify(server.answers().find((line) => line.id === 2))).toContain('42');
});

test.each([{ pin: '2026-07-28' }, 'auto' as const])(
  'stdio: an SDK client that asks for version %o discovers, lists, calls and cancels in 2026-07-28',
  async (mode) => {
    const home = daemonHome();
    const client = new ClientV2({ name: 'v2', version: '1' }, { versionNegotiation: { mode } });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [`${ROOT}bin/snowflake-mcp.js`, '--demo'],
      env: home.env,
      cwd: home.dir,
      stderr: 'ignore',
    });
    await client.connect(transport);
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('execute_query');
    const answer = await client.callTool({ name: 'execute_query', arguments: { query: 'SELECT 1 AS ONE' } });
    expect(answer.structuredContent).toMatchObject({ rows: [[1]] });
    const stop = new AbortController();
    const slow = client.callTool(
      { name: 'execute_query', arguments: { query: slowSql('stdio') } },
      { signal: stop.signal },
    );
    stop.abort();
    await expect(slow).rejects.toThrow();
    expect((await client.callTool({ name: 'whoami', arguments: {} })).isError).toBeFalsy();
    await client.close();
  },
);

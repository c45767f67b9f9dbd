/** `snowflake-mcp --demo`: the same tools over stdio, nothing but JSON-RPC on stdout. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { daemonHome } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { descendants, isAlive, ROOT } from '../../support/process.ts';

function startStdio() {
  const home = daemonHome();
  const child = spawn(process.execPath, [`${ROOT}bin/snowflake-mcp.js`, '--demo'], { env: home.env, cwd: home.dir });
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
      .map((line) => JSON.parse(line) as { id?: number; result?: Record<string, unknown> });
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

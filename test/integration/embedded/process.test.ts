/** The embedded Snowflake as a child process (run `npm run build` first): start, silence, restart, end. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { EmbeddedReply, EmbeddedStartOptions } from '../../../src/shared/embedded-ipc.ts';
import { ACCOUNT, failure, login, logout, run, USER } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { isAlive, ROOT } from '../../support/process.ts';

const MAIN = `${ROOT}dist/embedded/main.js`;
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

/** Forks the program and waits for its answer to `start`. */
async function forkEmbedded(options: Partial<EmbeddedStartOptions>) {
  const child = fork(MAIN, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: ['--max-old-space-size=1536'] });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.send({ type: 'start', options: { account: ACCOUNT, user: USER, ...options } });
  const [reply] = (await once(child, 'message')) as [EmbeddedReply];
  return { child, reply, stdout: () => output };
}

function portOf(reply: EmbeddedReply): number {
  if (reply.type === 'failed') throw new Error(reply.message);
  return reply.port;
}

test('process: it starts, serves and writes nothing to stdout', async () => {
  const { child, reply, stdout } = await forkEmbedded({ password: 'secret' });
  expect(reply.type).toBe('ready');
  const connection = await login(`http://127.0.0.1:${portOf(reply)}`, { password: 'secret' });
  expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
  await logout(connection);
  child.disconnect();
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(stdout()).toBe('');
});

test('process: SIGINT does not end it, the end of the IPC channel does', async () => {
  const { child, reply } = await forkEmbedded({ password: 'secret' });
  child.kill('SIGINT');
  const connection = await login(`http://127.0.0.1:${portOf(reply)}`, { password: 'secret' });
  expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
  await logout(connection);
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('process: results of 900,000 rows of 1 KB are refused, two at once too, and the process serves on', async () => {
  const { child, reply } = await forkEmbedded({ password: 'secret' });
  const url = `http://127.0.0.1:${portOf(reply)}`;
  const sql = `SELECT SEQ8() || REPEAT('x', 1000) AS V FROM TABLE(GENERATOR(ROWCOUNT => 900000))`;
  const connections = await Promise.all([1, 2].map(() => login(url, { password: 'secret' })));
  const outcomes = await Promise.all(connections.map((connection) => failure(run(connection, sql))));
  for (const { code, sqlState } of outcomes) expect([code, sqlState]).toEqual(['000002', '0A000']);
  for (const connection of connections) {
    expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
    await logout(connection);
  }
  expect(isAlive(child.pid ?? 0)).toBe(true);
}, 60_000);

test('process: it ends when its parent is killed', async () => {
  const script = `
    const { fork } = require('node:child_process');
    const child = fork(${JSON.stringify(MAIN)});
    child.send({ type: 'start', options: { account: 'a', user: 'u', password: 'p' } });
    child.on('message', ({ type }) => console.log(type, child.pid));`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(parent);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const [type, pid] = line.toString().trim().split(' ');
  expect(type).toBe('ready');
  expect(isAlive(Number(pid))).toBe(true);
  parent.kill('SIGKILL');
  await eventually(() => !isAlive(Number(pid)), { what: 'the child ends' });
});

test('process: killed and started again with the same port and key it takes new logins, and old sessions are gone', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const jwt = { authenticator: 'SNOWFLAKE_JWT', privateKey: pem };
  const first = await forkEmbedded({ publicKeyPem });
  const port = portOf(first.reply);
  const before = await login(`http://127.0.0.1:${port}`, jwt);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const second = await forkEmbedded({ publicKeyPem, port });
  expect(second.reply).toEqual({ type: 'ready', port });
  expect(await failure(run(before, 'SELECT 1'))).toMatchObject({ code: 407002 });
  const after = await login(`http://127.0.0.1:${port}`, jwt);
  expect((await run(after, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
  await logout(after);
});

test('process: a port that is taken is told to the parent, and the process ends', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { child, reply } = await forkEmbedded({ password: 'secret', port });
  expect(reply).toMatchObject({ type: 'failed', message: expect.stringContaining('EADDRINUSE') });
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
  holder.close();
});

test('process: without a credential it says what is missing', async () => {
  const { reply } = await forkEmbedded({});
  expect(reply).toMatchObject({ type: 'failed', message: expect.stringContaining('needs a credential') });
});

test('process: started by hand it explains itself and ends', async () => {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  const [text] = (await once(child.stderr, 'data')) as [Buffer];
  expect(text.toString()).toMatch(/start --demo/);
  expect(await once(child, 'exit')).toEqual([2, null]);
});

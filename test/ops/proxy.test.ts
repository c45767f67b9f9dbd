/**
 * deploy/proxy/nginx.conf and haproxy.cfg, run by the real nginx and haproxy in front of two daemons that share a Redis.
 * Only addresses are changed: the proxy's own port, and the two servers that the files show as an example.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { claimPort } from '../../src/primary/port-check.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { connectClient, textOf } from '../support/mcp-client.ts';
import { descendants, killAtOnce, ROOT } from '../support/process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { post, rawSession } from '../support/worker-client.ts';

const LOCAL = '127.0.0.1';
const call = (n: number) => ({
  jsonrpc: '2.0',
  id: n,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query: `SELECT ${n} + 1000 AS N` } },
});
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

async function daemonOn(prefix: string): Promise<Daemon> {
  const port = await claimPort(LOCAL, 0, 'test');
  const env = {
    STATE_URL: redis.url,
    STATE_KEY_PREFIX: prefix,
    SERVER_INTERNAL_URL: `http://${LOCAL}:${port}`,
    SERVER_INTERNAL_SECRET: 'a secret of at least thirty-two characters',
    STATE_LEASE: '2s',
  };
  return startDaemon({ port, workers: 1, env });
}

/** The file as it is, with the second server of its example, on free ports. */
function configured(file: string, port: number, daemons: readonly Daemon[]): string {
  const [first, second] = daemons.map(({ url }) => new URL(url).host);
  return readFileSync(join(ROOT, 'deploy/proxy', file), 'utf8')
    .replace('# server ', 'server ')
    .replace('127.0.0.1:8000', String(first))
    .replace('10.0.0.2:8000', String(second))
    .replace(/(listen |bind :)8080/, (_all, word: string) => `${word.replace(':', `${LOCAL}:`)}${port}`);
}

const PROXIES = {
  nginx: (file: string, dir: string) => [
    'nginx',
    '-e',
    'stderr',
    '-p',
    dir,
    '-c',
    file,
    '-g',
    `daemon off; pid ${dir}/pid;`,
  ],
  haproxy: (file: string) => ['haproxy', '-db', '-f', file],
};

async function startProxy(kind: keyof typeof PROXIES, daemons: readonly Daemon[]): Promise<string> {
  const dir = tempDir();
  const port = await claimPort(LOCAL, 0, 'test');
  const path = join(dir.path, kind === 'nginx' ? 'nginx.conf' : 'haproxy.cfg');
  writeFileSync(path, configured(kind === 'nginx' ? 'nginx.conf' : 'haproxy.cfg', port, daemons));
  const [program = '', ...words] = PROXIES[kind](path, dir.path);
  const child: ChildProcess = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-5000);
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await dir[Symbol.asyncDispose]();
  });
  const url = `http://${LOCAL}:${port}`;
  await eventually(async () => (await fetch(`${url}/healthz`)).status === 200, {
    what: `${kind} answers`,
  }).catch((error: unknown) => {
    throw new Error(`${kind} printed: ${said}`, { cause: error });
  });
  return url;
}

describe.each(['nginx', 'haproxy'] as const)('%s', (kind) => {
  test('one of two daemons is killed: every session goes on at the other, and none gets the answer of another', async () => {
    const prefix = `${kind}-killed`;
    const a = await daemonOn(prefix);
    await using b = await daemonOn(prefix);
    const family = [a.pid, ...descendants(a.pid)];
    onTestFinished(() => killAtOnce(family));
    const url = await startProxy(kind, [a, b]);
    const ids = await Promise.all(Array.from({ length: 20 }, () => rawSession(url)));
    const answer = async (id: string, n: number) => {
      const response = await post(url, call(n), { 'mcp-session-id': id });
      return { status: response.status, text: await response.text() };
    };
    for (const [n, id] of ids.entries()) expect((await answer(id, n)).text).toContain(String(1000 + n));

    killAtOnce(family);
    for (const [n, id] of ids.entries()) {
      await eventually(
        async () => {
          const { status, text } = await answer(id, n);
          // While the lease of the dead one runs: come again. Never that the session is not known.
          expect([200, 502, 503]).toContain(status);
          if (status !== 200) return false;
          expect(text).toContain(String(1000 + n));
          return true;
        },
        { deadlineMs: 20_000, what: `session ${n} goes on` },
      );
    }
  });

  test('streams arrive as they are sent, WebSocket passes, and only what clients need is reachable', async () => {
    const prefix = `${kind}-streams`;
    await using a = await daemonOn(prefix);
    await using b = await daemonOn(prefix);
    const url = await startProxy(kind, [a, b]);
    const client = await connectClient(url);
    expect(textOf(await client.call('execute_query', { query: 'SELECT 7 AS N' }))).toContain('7');
    await client.close();

    // The listening stream of a session: its first bytes come through although it does not end.
    const stream = await fetch(`${url}/mcp`, {
      headers: { accept: 'text/event-stream', 'mcp-session-id': await rawSession(url) },
    });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    await stream.body?.cancel();

    const socket = new WebSocket(`${url.replace('http', 'ws')}/mcp`, 'mcp');
    await once(socket, 'open');
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }));
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(message.toString())).toMatchObject({ id: 1 });
    socket.terminate();

    for (const path of ['/metrics', '/api/sessions', '/admin/export-state', '/health/detailed']) {
      expect((await fetch(`${url}${path}`)).status, path).toBe(404);
    }
  });
});

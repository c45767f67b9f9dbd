/** `doctor` where no daemon runs, and its doors against real sockets, certificates and files. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeNetwork } from '../../../src/cli/doctor/network-probe.ts';
import { lookAtPort } from '../../../src/cli/doctor/port-owner.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { cleanEnv, run } from '../../support/process.ts';

let dir: string;
let servers: Server[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doctor-'));
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Answers with the time of another clock. */
const snowflakeWithClock = (offsetMs: number) =>
  createHttp((_request, response) => {
    response.setHeader('Date', new Date(Date.now() + offsetMs).toUTCString());
    response.end();
  });

async function doctor(words: readonly string[], env: Record<string, string> = {}) {
  const own = { PID_FILE: join(dir, 'd.pid'), LOG_FILE: join(dir, 'd.log'), STATE_DIR: join(dir, 'state') };
  const ports = { SERVER_PORT: '0', METRICS_PORT: '0' };
  const args = ['doctor', '--json', ...words];
  const ended = await run('bin/snowflake-mcp-daemon.js', args, {
    env: cleanEnv({ ...own, ...ports, ...env }),
    cwd: dir,
  });
  type Found = { check: string; level: string; text: string; next?: string; fixed?: string };
  const { findings } = JSON.parse(ended.stdout) as { findings: Found[] };
  expect(findings.filter(({ level, next = '' }) => level !== 'ok' && !/\S{3}/.test(next))).toEqual([]);
  return { ...ended, of: (check: string) => findings.filter((finding) => finding.check === check) };
}

test('probe: an answer tells the clock, whichever way it is off', async () => {
  const port = await listening(snowflakeWithClock(-60_000));
  const result = await probeNetwork({ host: '127.0.0.1', port, isTls: false });
  expect(result.failed).toBeUndefined();
  expect(result.skewMs).toBeGreaterThan(50_000);
  expect(result.skewMs).toBeLessThan(70_000);
});

test('probe: what fails is told by step: no name, no listener, no TLS, no HTTP', async () => {
  const failedAt = async (target: { host: string; port: number; isTls: boolean; proxy?: string }) =>
    (await probeNetwork(target)).failed?.step;
  const mute = await listening(createServer((socket) => socket.on('error', () => {}).end('hello\r\n')));
  expect(await failedAt({ host: 'no-such-name.invalid', port: 443, isTls: true })).toBe('dns');
  expect(await failedAt({ host: '127.0.0.1', port: 9, isTls: true })).toBe('tcp');
  expect(await failedAt({ host: '127.0.0.1', port: mute, isTls: true })).toBe('tls');
  expect(await failedAt({ host: '127.0.0.1', port: mute, isTls: false })).toBe('http');
  expect(await failedAt({ host: 'x', port: 443, isTls: true, proxy: 'http://127.0.0.1:9' })).toBe('proxy');
});

test('doctor: TLS to Snowflake is tried with the authorities of this machine; what it does not trust is told', async () => {
  const { cert, key } = makeCertificate(dir, 'snowflake');
  const answer = (_request: unknown, response: ServerResponse) => response.end();
  const port = await listening(createHttps({ cert: readFileSync(cert), key: readFileSync(key) }, answer));
  const account = { SNOWFLAKE_ACCOUNT: 'a', SNOWFLAKE_USER: 'u', SNOWFLAKE_PASSWORD: 'not-to-be-seen' };
  const env = { ...account, SNOWFLAKE_ACCESS_URL: `https://localhost:${port}`, NODE_EXTRA_CA_CERTS: cert };
  const trusted = await doctor([], env);
  expect(trusted.of('network')).toMatchObject([
    { level: 'ok', text: expect.stringMatching(/127\.0\.0\.1, TLS, \d+ ms/) },
  ]);
  expect(trusted.of('clock')).toMatchObject([{ level: 'ok' }]);
  expect(trusted.code).toBe(0);
  const { code, of } = await doctor([], { ...env, NODE_EXTRA_CA_CERTS: '' });
  expect(code).toBe(69);
  expect(of('network')).toMatchObject([
    {
      level: 'error',
      text: expect.stringContaining('TLS fails'),
      next: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    },
  ]);
});

test('probe: goes through a proxy, which asks for the name', async () => {
  const target = await listening(snowflakeWithClock(0));
  const asked: string[] = [];
  const proxy = createHttp();
  proxy.on('connect', async (request, socket) => {
    asked.push(request.url ?? '');
    const { connect } = await import('node:net');
    const through = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    through.on('error', () => {});
    socket.on('error', () => {});
  });
  const port = await listening(proxy);
  const result = await probeNetwork({ host: 'a.test', port: 80, isTls: false, proxy: `http://127.0.0.1:${port}` });
  expect([result.failed, asked]).toEqual([undefined, ['a.test:80']]);
});

test('port: free, and held by whom', async () => {
  const port = await listening(createServer());
  expect(await lookAtPort('127.0.0.1', port)).toMatchObject({ kind: 'taken', owner: { pid: process.pid } });
  servers[0]?.close();
  expect(await lookAtPort('127.0.0.1', port)).toEqual({ kind: 'free' });
});

test('doctor: Snowflake out of reach is 69; no secret is told, and a secret open to all is', async () => {
  const secret = join(dir, 'password');
  writeFileSync(secret, 'not-to-be-seen\n');
  chmodSync(secret, 0o644);
  const account = { SNOWFLAKE_ACCOUNT: 'a', SNOWFLAKE_USER: 'u', SNOWFLAKE_PASSWORD_FILE: secret };
  const { code, of, stdout, stderr } = await doctor([], { ...account, SNOWFLAKE_ACCESS_URL: 'http://127.0.0.1:9' });
  expect(code).toBe(69);
  expect(of('network')).toMatchObject([{ level: 'error', next: expect.stringContaining('snowflake-outage') }]);
  expect(of('permissions')).toMatchObject([{ level: 'error', text: expect.stringContaining('644') }]);
  expect(stdout + stderr).not.toContain('not-to-be-seen');
});

test('doctor: a wrong configuration is 78 and the rest is looked at all the same', async () => {
  const { code, of } = await doctor([], { SERVER_WORKERS: 'many' });
  expect(code).toBe(78);
  expect(of('config')).toMatchObject([{ level: 'error', text: expect.stringContaining('workers.count') }]);
  expect(of('node')).toMatchObject([{ level: 'ok' }]);
});

test('doctor: a key that does not open is found before any login', async () => {
  const key = join(dir, 'key.p8');
  writeFileSync(key, 'nothing', { mode: 0o600 });
  const { code, of } = await doctor([], {
    SNOWFLAKE_ACCOUNT: 'a',
    SNOWFLAKE_USER: 'u',
    SNOWFLAKE_PRIVATE_KEY_PATH: key,
  });
  expect([code, of('credentials')]).toMatchObject([78, [{ text: expect.stringContaining('not PEM') }]]);
});

test('doctor --fix: removes what a dead daemon left, and only that', async () => {
  mkdirSync(join(dir, 'd.pid.d'));
  const left = ['d.pid', 'd.pid.d/control.sock', 'd.pid.d/w3.sock'].map((name) => join(dir, name));
  const other = join(dir, 'd.pid.d/note.txt');
  for (const file of [...left, other]) writeFileSync(file, '999999\n');
  expect((await doctor(['--demo'])).of('pid')).toMatchObject([{ level: 'warning' }]);
  expect(left.every((file) => existsSync(file))).toBe(true);
  const { code, of } = await doctor(['--demo', '--fix']);
  expect([code, of('pid')]).toMatchObject([0, [{ fixed: 'removed' }]]);
  expect([...left, other].map((file) => existsSync(file))).toEqual([false, false, false, true]);
});

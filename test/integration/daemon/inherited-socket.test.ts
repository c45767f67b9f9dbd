/** A service port that the service manager opened and handed over, as systemd does it: sd_listen_fds(3). */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { DaemonStatus } from '../../../src/shared/control-api.ts';
import { daemonHome } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { ROOT, run } from '../../support/process.ts';

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
  status(): Promise<DaemonStatus>;
}

/** The manager keeps its copy of the socket in production; here the daemon's is the only one. */
async function start(environment: string, host: string, args: readonly string[] = []): Promise<Started> {
  const home = daemonHome();
  const server = await new Promise<Server>((resolve) => {
    const opened = createServer().listen({ port: 0, host }, () => resolve(opened));
  });
  const { port } = server.address() as AddressInfo;
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const flags = ['start', '--no-daemon', '--demo', '--metrics-port', '0', '--workers', '2', ...args, ...home.flags];
  const script = `LISTEN_PID=$$ ${environment} exec "$0" "$@"`;
  const words = ['-c', script, process.execPath, `${ROOT}bin/snowflake-mcp-daemon.js`, ...flags];
  const child = spawn('/bin/sh', words, { env: home.env, cwd: home.dir, stdio: ['ignore', 'pipe', 'pipe', fd] });
  server.close();
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      said += data.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(home.dir, { recursive: true, force: true });
  });
  const status = async () => {
    const { stdout } = await run('bin/snowflake-mcp-daemon.js', ['status', '--json', ...home.flags], home);
    return JSON.parse(stdout) as DaemonStatus;
  };
  return { url: `http://${host}:${port}`, child, ended, said: () => said, status };
}

const answers = async (url: string) => {
  const answer = await fetch(`${url}/healthz`, { headers: { connection: 'close' } });
  await answer.arrayBuffer();
  return answer.status;
};

test('inherited socket: who connects before the service is up waits; workers come and go on it, and it can be paused', async () => {
  const daemon = await start('LISTEN_FDS=1', '127.0.0.1');
  const early = answers(daemon.url);
  expect(await early).toBe(200);
  await eventually(() => daemon.said().includes('ready:'), { what: 'ready', deadlineMs: 30_000 });
  expect(daemon.said()).toContain(`ready: ${daemon.url}/mcp`);
  const before = await daemon.status();
  process.kill(before.workers[0]?.pid ?? 0, 'SIGKILL');
  process.kill(before.workers[1]?.pid ?? 0, 'SIGKILL');
  expect(await answers(daemon.url)).toBe(200);
  await eventually(async () => (await daemon.status()).workers.every(({ state }) => state === 'ready'), {
    deadlineMs: 30_000,
  });

  daemon.child.kill('SIGWINCH');
  await eventually(async () => (await daemon.status()).isPaused === true, { what: 'paused' });
  const waiting = answers(daemon.url);
  daemon.child.kill('SIGWINCH');
  expect(await waiting).toBe(200);
  expect(await answers(daemon.url)).toBe(200);
}, 90_000);

test('inherited socket: a public one needs authentication like a public host', async () => {
  const daemon = await start('LISTEN_FDS=1', '0.0.0.0');
  expect(await daemon.ended).toBe(78);
  expect(daemon.said()).toContain('0.0.0.0');
  expect(daemon.said()).toContain('auth');
});

test('inherited socket: more than one, or none that listens for TCP, is said and ends with 78', async () => {
  const many = await start('LISTEN_FDS=2', '127.0.0.1');
  expect(await many.ended).toBe(78);
  expect(many.said()).toContain('The socket that systemd handed over cannot be used: it holds 2 sockets');
  expect(many.said()).toContain('ListenStream=');
  const file = await start('LISTEN_FDS=1 3</dev/null', '127.0.0.1');
  expect(await file.ended).toBe(78);
  expect(file.said()).toContain('cannot be used');
});

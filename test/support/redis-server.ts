/** A real redis-server of Debian on a free port, with a password or without, that keeps nothing on the disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { keepFreePort } from '../../src/primary/port-check.ts';
import { eventually } from './eventually.ts';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  /** Ends it at once and starts an empty one on the same port. */
  restart(): Promise<void>;
  /** Ends it at once. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Throws when redis-server is not installed (test/ops/install.sh does that). */
export async function startRedis(options: { password?: string } = {}): Promise<RedisServer> {
  // Kept while the server is away.
  const { port } = await keepFreePort('127.0.0.1', 'test');
  const words = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--daemonize',
    'no',
  ];
  if (options.password !== undefined) words.push('--requirepass', options.password);
  let server: ChildProcess;
  const start = async () => {
    server = spawn('redis-server', words, { stdio: 'ignore', cwd: '/tmp' });
    let fault: Error | undefined;
    server.once('error', (error) => {
      fault = error;
    });
    await eventually(
      () => {
        if (fault !== undefined)
          throw new Error('redis-server is not installed: run test/ops/install.sh', { cause: fault });
        return answers(port);
      },
      { what: 'redis-server answers' },
    );
  };
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return server.pid ?? 0;
    },
    restart: async () => {
      await stop();
      await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

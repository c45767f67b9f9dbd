/** A real daemon for a test: started by the real command in a directory of its own, on free ports, and gone afterwards. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonStatus } from '../../src/shared/control-api.ts';
import { eventually } from './eventually.ts';
import { cleanEnv, descendants, type Ended, isAlive, run } from './process.ts';
import { readLog } from './read-log.ts';

const CLI = 'bin/snowflake-mcp-daemon.js';

export interface Daemon {
  readonly dir: string;
  readonly url: string;
  readonly metricsUrl: string;
  readonly pid: number;
  readonly start: Ended;
  cli(...args: string[]): Promise<Ended>;
  status(): Promise<DaemonStatus>;
  metrics(): Promise<string>;
  logText(file?: string): string;
  /** Stops it and asserts that no process, pid file or socket is left. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DaemonOptions {
  readonly demo?: boolean;
  readonly workers?: number;
  readonly port?: number;
  readonly metricsPort?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A directory with the flags that keep a daemon inside it. */
export function daemonHome(): { dir: string; flags: string[]; env: Record<string, string> } {
  const dir = mkdtempSync(join(tmpdir(), 'smd-'));
  const flags = ['--pid-file', join(dir, 'd.pid')];
  return { dir, flags, env: cleanEnv({ STATE_DIR: join(dir, 'state'), LOG_FILE: join(dir, 'log', 'daemon.log') }) };
}

export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const { demo = true, workers = 2, port = 0, metricsPort = 0, args = [] } = options;
  const home = daemonHome();
  const env = { ...home.env, ...options.env };
  const cli = (...words: string[]) => run(CLI, [...words, ...home.flags], { env, cwd: home.dir });
  const flags = [
    '--port',
    String(port),
    '--metrics-port',
    String(metricsPort),
    '--workers',
    String(workers),
    ...(demo ? ['--demo'] : []),
    ...args,
  ];
  const start = await cli('start', ...flags);
  if (start.code !== 0) {
    rmSync(home.dir, { recursive: true, force: true });
    throw new Error(`start ended with ${start.code}\n${start.stdout}\n${start.stderr}`);
  }
  const status = async () => JSON.parse((await cli('status', '--json')).stdout) as DaemonStatus;
  const first = await status();
  return {
    dir: home.dir,
    url: first.url,
    metricsUrl: new URL(first.metricsUrl).origin,
    pid: first.pid,
    start,
    cli,
    status,
    metrics: async () => (await fetch(first.metricsUrl)).text(),
    logText: (file = 'daemon.log') => readLog(join(home.dir, 'log', file)),
    [Symbol.asyncDispose]: async () => {
      const family = [first.pid, ...descendants(first.pid)];
      const stop = await cli('stop');
      const left = await eventually(
        () => {
          const alive = family.filter(isAlive);
          if (alive.length > 0) throw new Error(`alive: ${alive.join(' ')}`);
          return alive;
        },
        { what: 'all processes gone' },
      ).catch(() => family.filter(isAlive));
      for (const pid of left) process.kill(pid, 'SIGKILL');
      const remains = ['d.pid', 'd.pid.d/control.sock'].filter((name) => existsSync(join(home.dir, name)));
      rmSync(home.dir, { recursive: true, force: true });
      if (left.length > 0 || remains.length > 0) {
        throw new Error(
          `left behind: pids ${left.join(' ')}, files ${remains.join(' ')}\n${stop.stdout}${stop.stderr}`,
        );
      }
    },
  };
}

/** All samples of one metric as label text -> value. */
export function samples(text: string, name: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
    if (match?.[1] === name) found.set(match[2] ?? '', Number(match[3]));
  }
  return found;
}

export const sum = (values: Map<string, number>): number =>
  [...values.values()].reduce((total, value) => total + value, 0);

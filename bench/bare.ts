/** Starts the bare server (bare-server.ts) in a process of its own and ends it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';

const PROGRAM = fileURLToPath(new URL('./bare-server.ts', import.meta.url));

export interface BareSettings {
  readonly endpoint: EmbeddedChild['endpoint'];
  /** Snowflake connections of each process. */
  readonly connections: number;
  /** More than one run under node:cluster. */
  readonly processes: number;
  /** How many it offers; the first is the one that asks Snowflake. */
  readonly tools: number;
  readonly port: number;
}

export interface BareServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

export async function startBare(settings: BareSettings): Promise<BareServer> {
  const env = { ...process.env, BARE_SETTINGS: JSON.stringify(settings) };
  const child = fork(PROGRAM, { env, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await ended;
    },
  };
}

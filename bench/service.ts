/** Starts a service that answers MCP without Snowflake (service-server.ts) in a process of its own and ends it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./service-server.ts', import.meta.url));

export interface Service extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** What its memory holds after a collection of garbage. */
  heldBytes(): Promise<number>;
}

/** @param state of the configuration, for `ours` */
export async function startService(kind: 'ours' | 'plain' | 'held', state: object = {}): Promise<Service> {
  const env = { ...process.env, SERVICE_KIND: kind, SERVICE_STATE: JSON.stringify(state) };
  const execArgv = ['--expose-gc', '--import', 'tsx'];
  const child = fork(PROGRAM, { env, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    heldBytes: async () => {
      const answer = once(child, 'message') as Promise<[{ bytes: number }]>;
      child.send({});
      return (await answer)[0].bytes;
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await ended;
    },
  };
}

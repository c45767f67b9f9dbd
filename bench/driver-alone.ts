/** Starts the official driver in a process of its own (driver-program.ts). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';

const PROGRAM = fileURLToPath(new URL('./driver-program.ts', import.meta.url));

export interface DriverSettings {
  readonly endpoint: EmbeddedChild['endpoint'];
}

export interface DriverAsk {
  readonly query: string;
  /** Rows after which it stops. */
  readonly count: number;
}

export interface DriverAlone {
  /** Runs the statement and reads its first rows, one at a time. */
  rows(query: string, count: number): Promise<void>;
  close(): void;
}

export async function startDriver(settings: DriverSettings): Promise<DriverAlone> {
  const env = { ...process.env, DRIVER_SETTINGS: JSON.stringify(settings) };
  const child = fork(PROGRAM, { env, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the driver's process ended with ${code}`);
  });
  ended.catch(() => {});
  const told = async () => {
    const [{ failed }] = (await Promise.race([once(child, 'message'), ended])) as [{ failed?: string }];
    if (failed !== undefined) throw new Error(failed);
  };
  await told();
  return {
    rows: (query, count) => {
      child.send({ query, count } satisfies DriverAsk);
      return told();
    },
    close: () => child.disconnect(),
  };
}

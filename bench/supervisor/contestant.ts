/** What a supervisor must do to be measured, and what all of them share: a directory, a port, commands run to their end. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const APP = fileURLToPath(new URL('./app.mjs', import.meta.url));
const COMMAND_MAX_MS = 120_000;

/** The same words for both; PM2's names where they have one. */
export interface Settings {
  readonly workers: number;
  readonly restartDelayMs: number;
  readonly killTimeoutMs: number;
  readonly listenTimeoutMs: number;
  /** A worker above this is to be ended. */
  readonly memoryLimitBytes: number;
}

export const SETTINGS: Settings = {
  workers: 2,
  restartDelayMs: 500,
  killTimeoutMs: 8000,
  listenTimeoutMs: 3000,
  memoryLimitBytes: 4 * 1024 ** 3,
};

export interface Plan {
  readonly boot?: 'ok' | 'exit' | 'never';
  readonly handler?: boolean;
  readonly series?: number;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly ms: number;
  readonly output: string;
}

export interface Contestant {
  readonly name: string;
  readonly url: string;
  /** Of the supervising process; 0 while there is none. */
  daemonPid(): number;
  /** How workers that boot from now on behave. */
  plan(plan: Plan): void;
  /** From nothing to ready; no daemon may run. */
  start(): Promise<CommandEnd>;
  reload(): Promise<CommandEnd>;
  /** All workers take calls; after a plan that broke them too. */
  repair(): Promise<void>;
  /** Ends daemon and workers. */
  stop(): Promise<void>;
  /** Ends everything and takes its files away. */
  close(): Promise<void>;
}

/** A directory for one contestant. */
export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'bench-sup-'));
  readonly port: number;
  readonly planFile = join(this.dir, 'plan.json');

  constructor(port: number) {
    this.port = port;
    this.plan({});
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get env(): Record<string, string> {
    return { BENCH_PLAN: this.planFile, BENCH_PORT: String(this.port) };
  }

  plan(plan: Plan): void {
    writeFileSync(this.planFile, JSON.stringify(plan));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Runs a Node program to its end; output of both streams together. */
export function runCommand(args: readonly string[], cwd: string, env: Record<string, string>): Promise<CommandEnd> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_MAX_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    // `exit`: a daemon may hold the pipes open.
    child.once('exit', (code) => resolve({ code, output, ms: performance.now() - begun }));
  });
}

export function readPid(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

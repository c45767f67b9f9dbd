/**
 * PM2 in cluster mode with a home of its own, set up as its manual recommends: wait_ready, a graceful shutdown in the
 * program, and without what costs time here and nobody needs (the monitoring agent, reading of git data).
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { eventually } from '../../test/support/eventually.ts';
import { cleanEnv } from '../../test/support/process.ts';
import {
  APP,
  Bench,
  type CommandEnd,
  type Contestant,
  freePort,
  type Plan,
  readPid,
  runCommand,
  type Settings,
} from './contestant.ts';

const REQUIRE = createRequire(import.meta.url);
const PM2_PACKAGE = REQUIRE.resolve('pm2/package.json');
export const PM2_VERSION: string = REQUIRE('pm2/package.json').version;
const REPAIR_MAX_MS = 20_000;

export interface Pm2Options extends Settings {
  readonly name?: string;
}

export class Pm2 implements Contestant {
  readonly name: string;
  readonly #bench: Bench;
  readonly #workers: number;

  private constructor(options: Pm2Options, port: number) {
    this.name = options.name ?? 'PM2';
    this.#bench = new Bench(port);
    this.#workers = options.workers;
    const app = {
      name: 'app',
      script: APP,
      exec_mode: 'cluster',
      instances: options.workers,
      wait_ready: true,
      listen_timeout: options.listenTimeoutMs,
      kill_timeout: options.killTimeoutMs,
      restart_delay: options.restartDelayMs,
      max_restarts: 1000,
      max_memory_restart: options.memoryLimitBytes,
      pmx: false,
      vizion: false,
      env: this.#bench.env,
    };
    writeFileSync(this.#file, JSON.stringify({ apps: [app] }));
  }

  static async make(options: Pm2Options): Promise<Pm2> {
    return new Pm2(options, await freePort());
  }

  get url(): string {
    return this.#bench.url;
  }

  daemonPid(): number {
    return readPid(join(this.#bench.dir, 'pm2', 'pm2.pid'));
  }

  plan(plan: Plan): void {
    this.#bench.plan(plan);
  }

  async start(): Promise<CommandEnd> {
    const end = await this.#cli('start', this.#file);
    if (end.code !== 0) throw new Error(`PM2 did not start: ${end.output}`);
    return end;
  }

  reload(): Promise<CommandEnd> {
    return this.#cli('reload', 'app');
  }

  async repair(): Promise<void> {
    if (await this.#isWhole()) return;
    // What a failed reload left half replaced is not put right by `delete` alone.
    await this.stop();
    await this.start();
    await eventually(() => this.#isWhole(), { what: `${this.name} is whole`, deadlineMs: REPAIR_MAX_MS });
  }

  /** What PM2 says of its processes. */
  async states(): Promise<string[]> {
    const { output } = await this.#cli('jlist');
    const list = JSON.parse(output.split('\n').findLast((line) => line.startsWith('[{')) ?? '[]') as {
      pm2_env: { status: string };
    }[];
    return list.map(({ pm2_env }) => pm2_env.status);
  }

  async stop(): Promise<void> {
    await this.#cli('kill');
  }

  async close(): Promise<void> {
    await this.stop();
    this.#bench.remove();
  }

  get #file(): string {
    return join(this.#bench.dir, 'ecosystem.config.json');
  }

  async #isWhole(): Promise<boolean> {
    const states = await this.states();
    const answers = await fetch(this.url).then(
      (response) => response.ok,
      () => false,
    );
    return answers && states.length === this.#workers && states.every((state) => state === 'online');
  }

  #cli(...words: string[]): Promise<CommandEnd> {
    const env = cleanEnv({ PM2_HOME: join(this.#bench.dir, 'pm2'), PM2_DISCRETE_MODE: 'true' });
    return runCommand([join(dirname(PM2_PACKAGE), 'bin/pm2'), ...words], this.#bench.dir, env);
  }
}

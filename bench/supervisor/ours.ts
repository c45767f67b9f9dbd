/** The daemon of this package as it is built, started by its command, with app.mjs in place of its worker program. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonStatus } from '../../src/shared/control-api.ts';
import { eventually } from '../../test/support/eventually.ts';
import { cleanEnv, ROOT } from '../../test/support/process.ts';
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

export interface OursOptions extends Settings {
  readonly spare?: boolean;
  readonly name?: string;
}

const REPAIR_MAX_MS = 20_000;

export class Ours implements Contestant {
  readonly name: string;
  readonly #options: OursOptions;
  readonly #bench: Bench;
  readonly #opsPort: number;

  private constructor(options: OursOptions, ports: { service: number; ops: number }) {
    this.name = options.name ?? 'ours';
    this.#options = options;
    this.#bench = new Bench(ports.service);
    this.#opsPort = ports.ops;
    writePackage(join(this.#bench.dir, 'package'));
    writeFileSync(this.#configFile, JSON.stringify(this.#config()));
  }

  static async make(options: OursOptions): Promise<Ours> {
    return new Ours(options, { service: await freePort(), ops: await freePort() });
  }

  get url(): string {
    return this.#bench.url;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#opsPort}/metrics`;
  }

  daemonPid(): number {
    return readPid(this.#pidFile);
  }

  plan(plan: Plan): void {
    this.#bench.plan(plan);
  }

  async start(): Promise<CommandEnd> {
    const end = await this.#cli('start');
    if (end.code !== 0) throw new Error(`our daemon did not start: ${end.output}`);
    return end;
  }

  reload(): Promise<CommandEnd> {
    return this.#cli('reload', '--wait');
  }

  async status(): Promise<DaemonStatus> {
    return (await (await fetch(`http://127.0.0.1:${this.#opsPort}/status`)).json()) as DaemonStatus;
  }

  async repair(): Promise<void> {
    const isReady = async () => {
      const { workers, spare } = await this.status();
      const all = [...workers, ...(spare === undefined ? [] : [spare])];
      return all.length === this.#options.workers + Number(this.#options.spare ?? false) && all.every(isServing);
    };
    await eventually(isReady, { what: `${this.name} is whole`, deadlineMs: REPAIR_MAX_MS });
  }

  async stop(): Promise<void> {
    if (this.daemonPid() > 0) await this.#cli('stop');
  }

  async close(): Promise<void> {
    await this.stop();
    this.#bench.remove();
  }

  get #configFile(): string {
    return join(this.#bench.dir, 'config.json');
  }

  get #pidFile(): string {
    return join(this.#bench.dir, 'd.pid');
  }

  #cli(...words: string[]): Promise<CommandEnd> {
    const program = join(this.#bench.dir, 'package/bin/snowflake-mcp-daemon.js');
    const args = [program, ...words, '--config', this.#configFile, '--pid-file', this.#pidFile];
    return runCommand(args, this.#bench.dir, cleanEnv(this.#bench.env));
  }

  #config(): Record<string, unknown> {
    const { workers, restartDelayMs, killTimeoutMs, listenTimeoutMs, memoryLimitBytes, spare = false } = this.#options;
    const { dir, port } = this.#bench;
    return {
      server: { port },
      metrics: { port: this.#opsPort },
      snowflake: { account: 'none', user: 'nobody', authenticator: 'SNOWFLAKE', password: 'none' },
      state: { dir: join(dir, 'state') },
      logging: { file: join(dir, 'log', 'daemon.log') },
      workers: {
        count: workers,
        spare: Number(spare),
        restart_delay: `${restartDelayMs}ms`,
        backoff_jitter: 0,
        min_uptime: '0s',
        max_restarts: 1000,
        max_restarts_total: 0,
        kill_timeout: `${killTimeoutMs}ms`,
        listen_timeout: `${listenTimeoutMs}ms`,
        max_memory_restart: memoryLimitBytes,
        max_memory_kill: 1,
        reload_soak: '500ms',
        hang_suspect: '1m',
        hang_kill: '2m',
      },
    };
  }
}

function isServing({ state }: { state: string }): boolean {
  return state === 'ready' || state === 'spare';
}

/** The built package with another worker program. */
function writePackage(dir: string): void {
  for (const part of ['dist', 'bin', 'package.json']) {
    cpSync(join(ROOT, part), join(dir, part), {
      recursive: true,
      filter: (path) => !/\/dist\/(worker|embedded)(\/|$)/.test(path) && !/\.(map|d\.ts)$/.test(path),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  mkdirSync(join(dir, 'dist/worker'));
  writeFileSync(join(dir, 'dist/worker/main.js'), `import ${JSON.stringify(APP)};\n`);
}

/**
 * The real daemon process with fake workers: a copy of the built package in which only the worker program is replaced
 * by fake-worker.mjs. For faults of the primary itself; boots in well under a second.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonStatus } from '../../src/shared/control-api.ts';
import { LAUNCH_VARIABLE, type LaunchSpec } from '../../src/shared/launch.ts';
import { eventually } from './eventually.ts';
import type { Answer, Plan } from './fake-fleet.ts';
import { order } from './orders.ts';
import { cleanEnv, type Ended, isAlive, ROOT, run } from './process.ts';
import { readLog } from './read-log.ts';

export interface FakeDaemonOptions {
  readonly workers?: Readonly<Record<string, unknown>>;
  /** Further sections of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly count?: number;
  readonly plan?: Plan;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as another user; needs root. */
  readonly uid?: number;
  /** A module that the primary, and no worker, loads first. */
  readonly preload?: string;
  /** Where logs, pid file and state go; a directory of its own otherwise. */
  readonly home?: string;
}

const QUICK = { restart_delay: '50ms', reload_soak: '200ms', min_uptime: '2s', kill_timeout: '3s' };

/** Everything that is told of an event, oldest first. */
type LogLine = Readonly<Record<string, unknown>>;

export class FakeDaemon {
  readonly dir: string;
  readonly home: string;
  readonly child: ChildProcess;
  readonly startedAt = performance.now();
  readonly #options: FakeDaemonOptions;
  readonly #agent = new Agent({ keepAlive: false });
  output = '';

  private constructor(options: FakeDaemonOptions) {
    this.#options = options;
    this.dir = mkdtempSync(join(tmpdir(), 'smd-fake-'));
    this.home = options.home ?? join(this.dir, 'home');
    mkdirSync(this.home, { recursive: true });
    this.plan(options.plan ?? {});
    writePackage(join(this.dir, 'package'), options.preload);
    const spec: LaunchSpec = {
      cwd: this.dir,
      configFile: this.#writeConfig(),
      flags: {},
      demo: false,
      detached: false,
    };
    const { uid } = options;
    if (uid !== undefined) {
      for (const path of [this.dir, this.home]) chownSync(path, uid, uid);
    }
    this.child = spawn(process.execPath, [join(this.dir, 'package/dist/primary/main.js')], {
      ...(uid === undefined ? {} : { uid, gid: uid }),
      cwd: this.dir,
      env: this.env({ [LAUNCH_VARIABLE]: JSON.stringify(spec) }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Spawned; not waited for. */
  static spawn(options: FakeDaemonOptions = {}): FakeDaemon {
    return new FakeDaemon(options);
  }

  /** Started and ready. */
  static async start(options: FakeDaemonOptions = {}): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(options);
    await daemon.ready();
    return daemon;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get url(): string {
    return /ready: (\S+)\/mcp/.exec(this.output)?.[1] ?? '';
  }

  get metricsUrl(): string {
    return /metrics (\S+)\/metrics/.exec(this.output)?.[1] ?? '';
  }

  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return cleanEnv({ ...this.#options.env, FAKE_WORKER_PLAN: join(this.dir, 'plan.json'), ...more });
  }

  /** How workers that boot from now on behave. */
  plan(plan: Plan): void {
    writeFileSync(join(this.dir, 'plan.json'), JSON.stringify(plan));
  }

  async ready(): Promise<void> {
    await eventually(
      () => {
        if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}\n${this.output}`);
        return this.output.includes('ready: ');
      },
      { what: 'the daemon is ready' },
    );
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async status(): Promise<DaemonStatus> {
    return (await (await fetch(`${this.metricsUrl}/status`)).json()) as DaemonStatus;
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.metricsUrl}/metrics`)).text();
  }

  async pids(): Promise<number[]> {
    return (await this.status()).workers.map(({ pid }) => pid);
  }

  async pidOf(slot: number): Promise<number> {
    return (await this.status()).workers.find((worker) => worker.slot === slot)?.pid ?? 0;
  }

  /** All slots are ready. */
  async allReady(deadlineMs = 30_000): Promise<number[]> {
    return eventually(
      async () => {
        const { workers } = await this.status();
        const pids = workers.map(({ pid }) => pid);
        return workers.every(({ state, pid }) => state === 'ready' && isAlive(pid)) && pids;
      },
      { what: 'all workers are ready', deadlineMs },
    );
  }

  get(path: string, agent: Agent = this.#agent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = get(`${this.url}${path}`, { agent, timeout: 20_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => resolve(JSON.parse(text) as Answer));
        response.once('error', reject);
      });
      call.once('timeout', () => call.destroy(new Error('no answer')));
      call.once('error', reject);
    });
  }

  order(pid: number, deed: string, args: Record<string, string | number> = {}): Promise<void> {
    return order(this.dir, pid, deed, args);
  }

  cli(...words: string[]): Promise<Ended> {
    const flags = ['--pid-file', join(this.home, 'd.pid'), '--config', join(this.dir, 'config.yaml')];
    return run('bin/snowflake-mcp-daemon.js', [...words, ...flags], { env: this.env(), cwd: this.dir });
  }

  log(event: string): LogLine[] {
    const lines = readLog(join(this.home, 'log', 'daemon.log')).split('\n');
    // A full disk tears a line.
    const whole = lines.filter((line) => line.startsWith('{') && line.endsWith('}'));
    return whole.map((line) => JSON.parse(line) as LogLine).filter((line) => line.event === event);
  }

  /** Processes of this daemon, wherever they are now. */
  family(): number[] {
    const mark = `FAKE_WORKER_PLAN=${join(this.dir, 'plan.json')}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => isAlive(Number(name)) && environmentOf(name).includes(mark))
      .map(Number);
  }

  /** Stops it if it lives, and asserts that no process, socket or pid file is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await eventually(() => this.child.exitCode !== null || this.child.signalCode !== null, {
        what: 'the daemon ends',
      }).catch(() => {});
    }
    const left = await eventually(() => this.family().length === 0, { what: 'all gone' })
      .then(() => [])
      .catch(() => this.family());
    for (const pid of left) process.kill(pid, 'SIGKILL');
    const names = ['d.pid', 'd.pid.d/control.sock', 'd.pid.d/daemon.state.json', 'd.pid.d/daemon.lock'];
    // One that was killed could not clean up.
    const files = names.filter((name) => this.child.signalCode === null && existsSync(join(this.home, name)));
    rmSync(this.dir, { recursive: true, force: true });
    if (left.length + files.length > 0) {
      throw new Error(`left behind: pids ${left.join(' ')}, files ${files.join(' ')}\n${this.output}`);
    }
  }

  #writeConfig(): string {
    const { workers, config, count = 2 } = this.#options;
    const file = join(this.dir, 'config.yaml');
    const settings = {
      workers: { ...QUICK, count, ...workers },
      snowflake: { account: 'none', user: 'nobody', authenticator: 'SNOWFLAKE', password: 'none' },
      state: { dir: join(this.home, 'state') },
      logging: { file: join(this.home, 'log', 'daemon.log') },
      ...config,
      server: { port: 0, keep_alive_timeout: '1s', pid_file: join(this.home, 'd.pid'), ...(config?.server as object) },
      metrics: { port: 0, ...(config?.metrics as object) },
    };
    writeFileSync(file, JSON.stringify(settings));
    return file;
  }
}

/** The built package with another worker program. */
function writePackage(dir: string, preload: string | undefined): void {
  cpSync(join(ROOT, 'dist'), join(dir, 'dist'), {
    recursive: true,
    filter: (path) => !/\/dist\/(worker|embedded|cli)(\/|$)/.test(path) && !/\.(map|d\.ts)$/.test(path),
  });
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  mkdirSync(join(dir, 'dist/worker'));
  writeFileSync(
    join(dir, 'dist/worker/main.js'),
    `import ${JSON.stringify(join(ROOT, 'test/support/fake-worker.mjs'))};\n`,
  );
  if (preload === undefined) return;
  const main = join(dir, 'dist/primary/main.js');
  writeFileSync(join(dir, 'dist/primary/preload.js'), preload);
  writeFileSync(main, `import './preload.js';\n${readFileSync(main, 'utf8')}`);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

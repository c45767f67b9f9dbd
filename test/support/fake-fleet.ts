/**
 * A real supervisor with real processes of fake-worker.mjs, in the test's own process: what is needed to see the
 * primary meet a fault. `close` ends everything and proves that no worker is left.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probeHealth } from '../../src/primary/health-probe.ts';
import { createLauncher } from '../../src/primary/launcher.ts';
import { type FreePort, keepFreePort } from '../../src/primary/port-check.ts';
import { createProcessStats } from '../../src/primary/process-stats.ts';
import { createSupervisor, type Supervisor } from '../../src/primary/supervisor.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type Config, configSchema } from '../../src/shared/config/schema.ts';
import type { Facts, Log } from '../../src/shared/log.ts';
import { eventually } from './eventually.ts';

export interface Plan {
  readonly boot?: 'ok' | 'throw' | 'fail' | 'port' | 'never' | 'die-soon' | 'half';
  readonly dieMs?: number;
  /** It pushes growing figures, histograms with this many buckets. */
  readonly buckets?: number;
  readonly slots?: readonly number[];
  readonly drain?: 'ok' | 'ignore';
  readonly openAs?: 'ok' | 'throw';
}

interface Line {
  readonly level: string;
  readonly event: string;
  readonly msg: string;
  readonly facts: Facts;
}

export interface Answer {
  readonly slot: number;
  readonly incarnation: number;
  readonly generation: number;
  readonly pid: number;
  readonly fleet?: { workers: { incarnation: number; pid: number; state: string; beat?: unknown }[] };
}

export class FakeFleet {
  readonly lines: Line[] = [];
  readonly counts = new Map<string, number>();
  readonly ingested: unknown[] = [];
  /** Slots that the output of a spare was moved to. */
  readonly moves: number[] = [];
  headroomBytes = Number.POSITIVE_INFINITY;
  readonly config: Config;
  readonly supervisor: Supervisor;
  readonly #dir: string;
  readonly #free: FreePort;
  readonly #agent = new Agent({ keepAlive: false });

  private constructor(config: Config, count: number, dir: string, free: FreePort) {
    this.config = config;
    this.#dir = dir;
    this.#free = free;
    const env = { ...process.env };
    this.supervisor = createSupervisor(
      {
        config,
        count,
        logFile: 'daemon.log',
        boot: {
          version: '0.0.0',
          primaryPid: process.pid,
          runDir: dir,
          stateDir: dir,
          opsUrl: '',
          daemonId: 'test',
          daemonStartedAtMs: Date.now(),
          demo: false,
        },
      },
      {
        launcher: createLauncher({
          exec: () => fileURLToPath(new URL('./fake-worker.mjs', import.meta.url)),
          env,
          variables: [],
          attach: (_slot, pipes) => {
            for (const pipe of Object.values(pipes)) pipe.resume();
            return { move: (slot) => this.moves.push(slot) };
          },
          scheduling: config.workers.scheduling,
        }),
        stats: createProcessStats(),
        clock: systemClock,
        log: this.#log(),
        metrics: {
          count: (name, labels, by = 1) => {
            const key = [name, ...Object.values(labels ?? {})].join(' ');
            this.counts.set(key, (this.counts.get(key) ?? 0) + by);
          },
          set: () => {},
          clear: () => {},
          observe: () => {},
          ingest: (...args) => this.ingested.push(args),
          move: () => {},
          retire: () => {},
        },
        later: (ms, then) => {
          const timer = setTimeout(then, ms);
          return () => clearTimeout(timer);
        },
        random: () => 0.5,
        recordWorkers: () => {},
        probe: probeHealth,
        headroomBytes: () => this.headroomBytes,
        crowding: () => 0,
        removeSocket: () => {},
      },
    );
  }

  static async make(
    workers: Partial<Record<keyof Config['workers'], string | number>>,
    options: { count?: number; plan?: Plan } = {},
  ): Promise<FakeFleet> {
    const dir = mkdtempSync(join(tmpdir(), 'fake-fleet-'));
    process.env.FAKE_WORKER_PLAN = join(dir, 'plan.json');
    const free = await keepFreePort('127.0.0.1', 'server.port');
    const quick = { restart_delay: '300ms', reload_soak: '600ms', min_uptime: '2s', kill_timeout: '3s', ...workers };
    const config = configSchema.parse({ server: { port: free.port }, workers: quick });
    const fleet = new FakeFleet(config, options.count ?? 2, dir, free);
    fleet.plan(options.plan ?? {});
    return fleet;
  }

  /** How workers that boot from now on behave. */
  plan(plan: Plan): void {
    writeFileSync(join(this.#dir, 'plan.json'), JSON.stringify(plan));
  }

  start(): Promise<void> {
    return this.supervisor.start(() => {});
  }

  get(path: string, options: { agent?: Agent; timeoutMs?: number } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { port } = this.config.server;
      const request = get(
        { port, path, host: '127.0.0.1', agent: options.agent ?? this.#agent, timeout: options.timeoutMs ?? 20_000 },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve(JSON.parse(text) as Answer));
          response.on('error', reject);
        },
      );
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', reject);
    });
  }

  pid(slot: number): number {
    const pid = this.supervisor.workers().find((row) => row.slot === slot)?.pid ?? 0;
    if (pid === 0) throw new Error(`slot ${slot} has no process`);
    return pid;
  }

  state(slot: number): string {
    return this.supervisor.workers().find((row) => row.slot === slot)?.state ?? 'none';
  }

  restarts(slot: number, reason: string): number {
    return this.counts.get(`supervisor_worker_restarts_total ${slot} ${reason}`) ?? 0;
  }

  logged(event: string): Line[] {
    return this.lines.filter((line) => line.event === event);
  }

  /** Every process that was ever forked is gone. */
  async noneLeft(): Promise<void> {
    const pids = this.logged('worker.forked').map((line) => Number(line.facts.worker_pid));
    await eventually(() => pids.every((pid) => !isAlive(pid)), { what: `workers ${pids.join()} are gone` });
  }

  async close(): Promise<void> {
    this.supervisor.stopNow();
    await this.supervisor.stopped;
    await this.noneLeft();
    this.#free.release();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #log(): Log {
    const write =
      (level: string) =>
      (event: string, msg: string, facts: Facts = {}) => {
        this.lines.push({ level, event, msg, facts });
      };
    const log: Log = {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: () => log,
    };
    return log;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * The door to node:cluster: starts worker processes, carries messages, kills.
 *
 * A worker is told apart by its incarnation, never by pid. Sending to a process that has just died, and a fork that
 * fails for want of descriptors (which node:cluster reports by an event only), are facts here, not exceptions. An exit
 * is told after the channel is closed, so that nothing a worker said last comes after its end.
 */
import type { SendHandle } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import type { Readable } from 'node:stream';
import type { Config } from '../shared/config/schema.ts';
import type { PrimaryMessage } from '../shared/ipc.ts';
import { LAUNCH_VARIABLE } from '../shared/launch.ts';
import { WORKER_LOG_FD } from '../shared/log-pipe.ts';
import { boundMessages } from './channel-bound.ts';
import { createLastWords } from './last-words.ts';

/** How long the end of the channel may lag behind the end of the process. */
const CHANNEL_LAG_MS = 250;
/** Messages a worker may leave unread before it hears no more fleet news; the next second brings newer ones. */
const UNREAD_MAX = 50;
/** More than the biggest message that is let in takes as JSON. */
const MESSAGE_MAX_BYTES = 8 * 1024 * 1024;

export interface ForkOrder {
  readonly slot: number;
  readonly incarnation: number;
  /** Environment variable that tells the worker its number, beside INSTANCE_ID. */
  readonly instanceVariable: string;
  /** Variable that counts up from worker to worker, as `NAME` or `NAME=FROM`. */
  readonly incrementVariable?: string | undefined;
  /** Bound of its V8 heap, in MiB, where NODE_OPTIONS does not set one. */
  readonly heapMib: number;
}

export interface WorkerHandlers {
  message(raw: unknown): void;
  /** It sends a message that is far too big, which will not be told. */
  flooded(): void;
  /** @param lastWords the end of what it printed to its standard error while nobody else had heard it */
  exited(code: number | null, signal: string | null, lastWords: string): void;
  /** The fork did not make a process, or its channel broke; an exit follows only when there was a process. */
  faulted(reason: string): void;
}

export interface WorkerPipes {
  readonly log?: Readable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

export interface Launcher {
  /** @returns the pid, or undefined when no process came to be (then nothing else is told about it) */
  fork(order: ForkOrder, on: WorkerHandlers): number | undefined;
  /** Never waits and never throws; to a worker that does not read, only orders still go. */
  send(incarnation: number, message: PrimaryMessage): void;
  /** What it prints and logs belongs to another slot from now on. */
  move(incarnation: number, slot: number): void;
  /** SIGKILL: what is asked of a worker politely goes by message. */
  kill(incarnation: number): void;
}

export function createLauncher(options: {
  /** The worker's program, as it is to be started now. */
  exec: () => string;
  env: Readonly<Record<string, string | undefined>>;
  /** Variables that set a key of the configuration. */
  variables: readonly string[];
  /** Takes the output of a worker, which nobody else reads. */
  attach: (slot: number, pipes: WorkerPipes) => { move(slot: number): void };
  scheduling: Config['workers']['scheduling'];
  /** The service port when the service manager opened it: it goes along with every word to open it. */
  servicePort?: object | undefined;
}): Launcher {
  const workers = new Map<number, { worker: Worker; output: { move(slot: number): void }; unread: number }>();
  cluster.schedulingPolicy = options.scheduling === 'none' ? cluster.SCHED_NONE : cluster.SCHED_RR;
  cluster.setupPrimary({
    args: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    serialization: 'json',
  });
  const hidden = hiddenVariables(options.env, options.variables);
  const hasOwnHeap = /--max[-_]old[-_]space[-_]size/.test(options.env.NODE_OPTIONS ?? '');
  return {
    fork(order, on) {
      const [counted, from = '0'] = order.incrementVariable?.split('=') ?? [];
      const instance = {
        ...(counted === undefined ? {} : { [counted]: String(Number(from) + order.slot) }),
        [order.instanceVariable]: String(order.slot),
        INSTANCE_ID: String(order.slot),
      };
      const execArgv = hasOwnHeap ? [] : [`--max-old-space-size=${order.heapMib}`];
      cluster.setupPrimary({ exec: options.exec(), execArgv });
      let worker: Worker;
      try {
        worker = cluster.fork({ ...hidden, ...instance });
      } catch (error) {
        on.faulted(error instanceof Error ? error.message : String(error));
        return undefined;
      }
      worker.on('error', (error) => on.faulted(error.message));
      const { pid } = worker.process;
      if (pid === undefined) {
        // The failed child stays in cluster.workers otherwise (Node 20), and no exit ever follows.
        if (cluster.workers) delete cluster.workers[worker.id];
        return undefined;
      }
      const pipes = pipesOf(worker);
      const lastWords = createLastWords(pipes.stderr);
      workers.set(order.incarnation, { worker, output: options.attach(order.slot, pipes), unread: 0 });
      worker.on('message', (raw: unknown) => on.message(raw));
      boundMessages(worker.process, MESSAGE_MAX_BYTES, () => on.flooded());
      onEnd(worker, (code, signal) => {
        workers.delete(order.incarnation);
        on.exited(code, signal, lastWords());
      });
      return pid;
    },
    send(incarnation, message) {
      const entry = workers.get(incarnation);
      if (!entry?.worker.isConnected()) return;
      const mayBeMissed = message.type === 'fleet' || message.type === 'published';
      if (mayBeMissed && entry.unread >= UNREAD_MAX) return;
      entry.unread += 1;
      const port = opensPort(message) ? (options.servicePort as SendHandle | undefined) : undefined;
      entry.worker.send(message, port, {}, () => {
        entry.unread -= 1;
      });
    },
    move(incarnation, slot) {
      workers.get(incarnation)?.output.move(slot);
    },
    kill(incarnation) {
      workers.get(incarnation)?.worker.process.kill('SIGKILL');
    },
  };
}

function opensPort(message: PrimaryMessage): boolean {
  return message.type === 'listen' || (message.type === 'boot' && message.listen === 'shared');
}

/** Calls back once, when the process has ended and its channel is closed. */
function onEnd(worker: Worker, told: (code: number | null, signal: string | null) => void): void {
  worker.process.once('exit', (code, signal) => {
    let isTold = false;
    const tell = () => {
      if (isTold) return;
      isTold = true;
      clearTimeout(timer);
      told(code, signal);
    };
    const timer = setTimeout(tell, CHANNEL_LAG_MS);
    if (worker.process.connected) worker.process.once('disconnect', () => setImmediate(tell));
    else setImmediate(tell);
  });
}

function pipesOf(worker: Worker): WorkerPipes {
  const { stdout, stderr, stdio } = worker.process;
  const log = stdio[WORKER_LOG_FD] as Readable | null | undefined;
  return { ...(log ? { log } : {}), ...(stdout ? { stdout } : {}), ...(stderr ? { stderr } : {}) };
}

/**
 * Variables a worker must not inherit: it gets its configuration by message, so nothing that may hold a secret or
 * speaks to a service manager is needed. (cluster.fork merges process.env; undefined takes a name out.)
 */
function hiddenVariables(
  env: Readonly<Record<string, string | undefined>>,
  ours: readonly string[],
): Record<string, undefined> {
  const outside = [LAUNCH_VARIABLE, 'NOTIFY_SOCKET', 'WATCHDOG_PID', 'WATCHDOG_USEC', 'LISTEN_FDS', 'LISTEN_PID'];
  const secret = Object.keys(env).filter((name) => /PASSWORD|PASSPHRASE|PRIVATE_KEY|SECRET|TOKEN|API_KEY/i.test(name));
  return Object.fromEntries([...ours, ...outside, ...secret].map((name) => [name, undefined]));
}

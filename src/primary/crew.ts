/**
 * The living processes: forks them, hands them their boot message, lets in what they say and measures them.
 *
 * What concerns the rules is told as life events; beats, metrics and pids stay here. Nothing is decided here.
 */
import type { Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config/schema.ts';
import type { PrimaryMessage, Series, WorkerMessage } from '../shared/ipc.ts';
import type { Log } from '../shared/log.ts';
import type { GaugeRecorder } from '../shared/metrics.ts';
import { heapMib } from './fleet-limits.ts';
import type { Launcher } from './launcher.ts';
import type { ProcessStats } from './process-stats.ts';
import { createRateDesk } from './rate-desk.ts';
import type { LifeEvent } from './rules/incarnation.ts';
import type { Order } from './rules/order.ts';
import { slotName } from './rules/slot.ts';
import type { WorkerRows } from './status.ts';
import { newRow, noteCpu, type WorkerRow } from './worker-table.ts';

export interface CrewDoors {
  readonly launcher: Launcher;
  readonly stats: ProcessStats;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GaugeRecorder & {
    ingest(slot: number, incarnation: number, series: readonly Series[]): void;
    /** The process serves another slot from now on. */
    move(incarnation: number, slot: number): void;
    retire(incarnation: number): void;
  };
  /** Calls back once after a while; returns how to call it off. */
  later(ms: number, then: () => void): () => void;
  /** Told at each fork and end, so that the next start can find processes this one left behind. */
  recordWorkers(pids: readonly number[]): void;
  /** Takes away the socket file of a process that ended, which a killed one leaves behind. */
  removeSocket(path: string): void;
}

/** What a worker is told at its boot beside its own numbers and its configuration. */
export type BootFacts = Pick<
  Extract<PrimaryMessage, { type: 'boot' }>,
  'version' | 'primaryPid' | 'runDir' | 'stateDir' | 'opsUrl' | 'daemonId' | 'daemonStartedAtMs' | 'demo'
>;

export interface Crew {
  readonly rows: WorkerRows;
  fork(order: Extract<Order, { kind: 'fork' }>, config: Config, generation: number): void;
  /** It takes this slot, if it was the spare, and opens the service port. */
  listen(incarnation: number, slot: number): void;
  unlisten(incarnation: number): void;
  drain(incarnation: number, deadlineMs: number, lameDuckMs: number): void;
  /** @param isHang what it was doing is kept in the log first */
  kill(incarnation: number, isHang: boolean): void;
  /** It does not go away; it is not waited for any more. */
  abandon(incarnation: number): void;
  /** Reads the memory of every process; each reading is told as an event. */
  measureMemory(): void;
  measureCpu(): void;
  /** Tells every worker who is alive. */
  tellNews(): void;
}

/** Who hears what workers say, and knows what they are told. */
export interface CrewEars {
  life(incarnation: number, event: Exclude<LifeEvent, { kind: 'tick' }>): void;
  /** A person asked a worker. */
  maintenance(isOn: boolean): void;
  /** Who is alive now. */
  news(): PrimaryMessage;
}

export function createCrew(doors: CrewDoors, boot: BootFacts, ears: CrewEars): Crew {
  const { launcher, stats, clock, log, metrics } = doors;
  const tell: CrewEars['life'] = (incarnation, event) => ears.life(incarnation, event);
  const rates = createRateDesk();
  const rows = new Map<number, WorkerRow>();
  /** Boot messages that wait for their worker's `hello`. */
  const messages = new Map<number, PrimaryMessage>();
  const record = () => doors.recordWorkers([...rows.values()].map(({ pid }) => pid));
  const forget = (incarnation: number) => {
    const socket = rows.get(incarnation)?.socket ?? '';
    if (socket !== '') doors.removeSocket(socket);
    rows.delete(incarnation);
    messages.delete(incarnation);
    metrics.retire(incarnation);
    record();
  };

  const understand = (row: WorkerRow, message: WorkerMessage) => {
    switch (message.type) {
      case 'hello': {
        const bootMessage = messages.get(row.incarnation);
        if (bootMessage === undefined) return;
        messages.delete(row.incarnation);
        launcher.send(row.incarnation, bootMessage);
        // It may serve before the next news; without these it would know of no fellows and no maintenance.
        launcher.send(row.incarnation, ears.news());
        return;
      }
      case 'ready':
        row.socket = message.socket;
        tell(row.incarnation, { kind: 'ready' });
        return;
      case 'listening':
        tell(row.incarnation, { kind: 'listening' });
        return;
      case 'failed': {
        const { message: text, ...rest } = message.body;
        tell(row.incarnation, { kind: 'complained', complaint: { ...rest, text } });
        return;
      }
      case 'beat':
        row.beat = message;
        tell(row.incarnation, { kind: 'beat', requests: message.requests });
        return;
      case 'metrics':
        row.figuresAt = clock.now();
        metrics.ingest(row.slot, row.incarnation, message.series);
        return;
      case 'publish':
        for (const other of rows.values()) {
          if (other !== row) launcher.send(other.incarnation, { type: 'published', events: message.events });
        }
        return;
      case 'lease':
        rates.lease(message.asks).then(
          (grants) => launcher.send(row.incarnation, { type: 'leased', grants }),
          (error: unknown) => log.error('rate.failed', 'a lease could not be given', { error }),
        );
        return;
      case 'maintenance':
        ears.maintenance(message.isOn);
        return;
      case 'drained':
        launcher.send(row.incarnation, { type: 'flushed' });
        return;
      default:
        message satisfies never;
    }
  };

  const receive = (incarnation: number, raw: unknown) => {
    const row = rows.get(incarnation);
    const admission = row?.guard.admit(raw, clock.now());
    if (row === undefined || admission === undefined) return;
    if (admission.kind === 'message') understand(row, admission.message);
    else if (admission.kind === 'unfit') tell(incarnation, { kind: 'unfit', reason: admission.reason });
    else {
      metrics.count('supervisor_ipc_dropped_total', { reason: admission.reason });
      if (admission.reason !== 'invalid' || admission.place === undefined) return;
      const facts = { worker: slotName(row.slot), incarnation, place: admission.place };
      log.warn('worker.message_refused', 'a message of a worker has no known shape and is dropped', facts);
    }
  };

  return {
    rows,
    fork({ slot, incarnation, edition, listen }, config, generation) {
      let fault = 'no process came to be';
      const pid = launcher.fork(
        {
          slot,
          incarnation,
          instanceVariable: config.workers.instance_var,
          incrementVariable: config.workers.increment_var,
          heapMib: heapMib(config),
        },
        {
          message: (raw) => receive(incarnation, raw),
          flooded: () => tell(incarnation, { kind: 'unfit', reason: 'a message that is far too big' }),
          exited: (code, signal, lastWords) => {
            forget(incarnation);
            tell(incarnation, { kind: 'exited', code, signal, lastWords });
          },
          faulted: (reason) => {
            fault = reason;
            log.warn('worker.fault', `worker ${slotName(slot)}: ${reason}`, { worker: slotName(slot), incarnation });
          },
        },
      );
      if (pid === undefined) {
        // node:cluster tells the reason by an event a moment later.
        doors.later(0, () => tell(incarnation, { kind: 'fork_failed', reason: fault }));
        return;
      }
      rows.set(incarnation, newRow({ slot, incarnation, pid }, clock.now(), clock.wall()));
      const facts = { worker: slotName(slot), incarnation, worker_pid: pid, edition };
      log.info('worker.forked', `worker ${slotName(slot)} starts`, facts);
      messages.set(incarnation, { type: 'boot', config, slot, incarnation, listen, generation, ...boot });
      record();
      tell(incarnation, { kind: 'forked' });
    },
    listen(incarnation, slot) {
      const row = rows.get(incarnation);
      if (row !== undefined && row.slot !== slot) {
        row.slot = slot;
        launcher.move(incarnation, slot);
        metrics.move(incarnation, slot);
      }
      launcher.send(incarnation, { type: 'listen', slot });
    },
    unlisten(incarnation) {
      launcher.send(incarnation, { type: 'unlisten' });
    },
    drain(incarnation, deadlineMs, lameDuckMs) {
      launcher.send(incarnation, { type: 'drain', deadlineMs, lameDuckMs });
    },
    kill(incarnation, isHang) {
      const row = rows.get(incarnation);
      if (row !== undefined && isHang) {
        const evidence = stats.evidence(row.pid);
        const worker = slotName(row.slot);
        log.error('worker.hung', `worker ${worker} hangs and is killed`, { worker, incarnation, evidence });
      }
      launcher.kill(incarnation);
    },
    abandon(incarnation) {
      const worker_pid = rows.get(incarnation)?.pid;
      log.error('worker.unkillable', 'a worker does not go away after SIGKILL', { incarnation, worker_pid });
      forget(incarnation);
    },
    measureMemory() {
      for (const row of [...rows.values()]) {
        const reading = stats.memory(row.pid);
        row.rssBytes = reading?.rssBytes ?? row.beat?.rssBytes ?? 0;
        tell(row.incarnation, { kind: 'memory', bytes: reading?.ownBytes ?? row.rssBytes });
      }
    },
    measureCpu() {
      for (const row of rows.values()) noteCpu(row, stats.cpuMs(row.pid), clock.now());
    },
    tellNews() {
      const news = ears.news();
      for (const { incarnation } of rows.values()) launcher.send(incarnation, news);
    },
  };
}

/**
 * The one loop of the primary: turns what happens (messages and ends of workers, time, signals, requests) into events
 * of the fleet rule, and the rule's orders into deeds by calling the doors it was given.
 *
 * It decides nothing itself. Events that arise while one is worked on wait in a queue, so that the rule sees them one
 * after the other. Besides acting on events it looks every 500 ms at memory and deadlines, and tells all workers every
 * second who is alive.
 */
import type { Config } from '../shared/config/schema.ts';
import type { DaemonStatus, WorkerStatus } from '../shared/control-api.ts';
import { type BootFacts, type Crew, type CrewDoors, createCrew } from './crew.ts';
import { createEditions, type Editions } from './editions.ts';
import { createGauges, type Gauges } from './gauges.ts';
import { createHealthChecks, type HealthChecks, type Probe } from './health-checks.ts';
import { narrate } from './narrator.ts';
import { createReloadDesk } from './reload-desk.ts';
import { stepFleet } from './rules/fleet.ts';
import { type Fleet, type FleetEvent, type FleetLimits, fleetDueAt, newFleet } from './rules/fleet-state.ts';
import type { Incarnation } from './rules/incarnation.ts';
import type { Note, Order } from './rules/order.ts';
import { processesOf } from './rules/slot.ts';
import { createStartDesk, type StartDesk } from './start-desk.ts';
import { fleetMessage, hasQuorum, isWell, workerStatus } from './status.ts';

const LOOK_MS = 500;
const SECOND_MS = 1000;
/** Shortest pause between two looks, so that nothing that is due and cannot be done keeps the loop busy. */
const LEAST_PAUSE_MS = 10;
export const WORKERS_MAX = 256;

export interface SupervisorDoors extends CrewDoors {
  readonly probe: Probe;
  /** Memory that is free for further processes, Infinity when nothing limits it. */
  headroomBytes(): number;
  /** Programs that want to run for each CPU, of the last minute. */
  crowding(): number;
  /** 0..1. */
  random(): number;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly count: number;
  readonly boot: BootFacts;
  readonly logFile: string;
}

export interface Supervisor {
  /**
   * Starts all workers; ready when every one is for the first time.
   * @throws AppError PORT_IN_USE, START_FAILED when they cannot start, START_STOPPED when they may not; then no worker is left
   */
  start(progress: (text: string) => void): Promise<void>;
  /**
   * Replaces all workers by ones with this configuration, one at a time.
   * @throws AppError RELOAD_FAILED; then the old workers serve as before
   */
  reload(config: Config, progress: (text: string) => void): Promise<void>;
  /** Tells of a reload that cannot begin, because its configuration is wrong. */
  refuseReload(reason: string): void;
  scale(count: number): void;
  /** The workers close the service port, or open it again; calls and connections that are open go on. */
  pause(isPaused: boolean): void;
  isPaused(): boolean;
  /** No session and no query begins while it is on; what runs goes on. Not kept over a restart. */
  setMaintenance(isOn: boolean): void;
  /** Workers finish their calls within `deadlineMs` at most (and workers.kill_timeout). Ends with `stopped`. */
  stop(deadlineMs: number): void;
  stopNow(): void;
  /** Settles when the last worker has ended, by whatever way. */
  readonly stopped: Promise<{ forced: boolean }>;
  /** The configuration of the last successful reload. */
  config(): Config;
  count(): number;
  workers(): WorkerStatus[];
  view(): Pick<
    DaemonStatus,
    'state' | 'generation' | 'reload' | 'lastReload' | 'spare' | 'isPaused' | 'maintenanceSince'
  >;
  /** Enough workers take calls. */
  isReady(): boolean;
  /** Ready, or paused with enough workers that could be. */
  isWell(): boolean;
}

export function createSupervisor(options: SupervisorOptions, doors: SupervisorDoors): Supervisor {
  return new Loop(options, doors);
}

class Loop implements Supervisor {
  readonly stopped: Promise<{ forced: boolean }>;
  readonly #doors: SupervisorDoors;
  readonly #crew: Crew;
  /** Configurations by edition: the current one and those a reload is about. */
  readonly #editions: Editions;
  readonly #starting: StartDesk;
  readonly #reloads = createReloadDesk();
  readonly #gauges: Gauges;
  readonly #healthChecks: HealthChecks;
  #fleet: Fleet;
  #limits: FleetLimits;
  #lastEdition = 0;
  readonly #queue: FleetEvent[] = [];
  #isWorking = false;
  /** As of the last look. */
  #headroomBytes = Number.POSITIVE_INFINITY;
  #isNews = false;
  /** Wall clock; undefined while it is off. */
  #maintenanceSinceMs: number | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #secondAt = Number.NEGATIVE_INFINITY;
  #callOff: () => void = () => {};
  #settleStopped: (end: { forced: boolean }) => void = () => {};

  constructor(options: SupervisorOptions, doors: SupervisorDoors) {
    this.#starting = createStartDesk(options);
    this.#doors = doors;
    this.#fleet = newFleet(options.count, doors.clock.now());
    this.#editions = createEditions(options.config);
    this.#editions.enter(0, options.config, options.count);
    this.#limits = this.#editions.limits(0, options.count);
    this.#crew = createCrew(doors, options.boot, {
      life: (incarnation, event) => this.#happen({ kind: 'process', incarnation, event }),
      maintenance: (isOn) => this.setMaintenance(isOn),
      news: () => fleetMessage(this.#fleet, this.#crew.rows, this.#maintenanceSinceMs),
    });
    this.#gauges = createGauges(doors.metrics, doors.clock, options.boot.version);
    this.#healthChecks = createHealthChecks({
      ...doors,
      tell: (incarnation, fault) => this.#happen({ kind: 'process', incarnation, event: { kind: 'checked', fault } }),
    });
    this.stopped = new Promise((resolve) => {
      this.#settleStopped = resolve;
    });
  }

  start(progress: (text: string) => void): Promise<void> {
    const started = this.#starting.wait(progress);
    this.#look();
    return started;
  }

  reload(config: Config, progress: (text: string) => void): Promise<void> {
    this.#lastEdition += 1;
    const edition = this.#lastEdition;
    this.#editions.enter(edition, config, this.#fleet.count);
    const answer = this.#reloads.wait(edition, progress, this.#doors.clock.now());
    // Whether two fit side by side is decided on what the workers weigh now.
    this.#headroomBytes = this.#doors.headroomBytes();
    this.#crew.measureMemory();
    this.#happen({ kind: 'reload', edition });
    return answer;
  }

  refuseReload(reason: string): void {
    const edition = this.#fleet.edition;
    this.#hear({ kind: 'rollout_ended', why: 'reload', edition, ok: false, reason, tookMs: 0 });
  }

  scale(count: number): void {
    this.#happen({ kind: 'scale', count: Math.min(WORKERS_MAX, Math.max(1, count)) });
    this.#limits = this.#editions.limits(this.#fleet.edition, this.#fleet.count);
  }

  pause(isPaused: boolean): void {
    this.#happen({ kind: 'pause', isPaused });
  }

  isPaused(): boolean {
    return this.#fleet.isPaused;
  }

  setMaintenance(isOn: boolean): void {
    if (isOn === (this.#maintenanceSinceMs !== undefined)) return;
    this.#maintenanceSinceMs = isOn ? this.#doors.clock.wall().getTime() : undefined;
    this.#doors.log.info(isOn ? 'maintenance.on' : 'maintenance.off', `maintenance is ${isOn ? 'on' : 'off'}`);
    this.#crew.tellNews();
  }

  stop(deadlineMs: number): void {
    this.#happen({ kind: 'stop', deadlineMs });
  }

  stopNow(): void {
    this.#happen({ kind: 'stop_now' });
  }

  config(): Config {
    return this.#editions.config(this.#fleet.edition);
  }

  count(): number {
    return this.#fleet.count;
  }

  workers(): WorkerStatus[] {
    const now = this.#doors.clock.now();
    return this.#fleet.slots.map((slot) => workerStatus(slot, this.#crew.rows, now));
  }

  view(): ReturnType<Supervisor['view']> {
    const { stage, generation, spare, isPaused } = this.#fleet;
    const since = this.#maintenanceSinceMs;
    const now = this.#doors.clock.now();
    const reloading = this.#reloads.view(now);
    const isSpareThere = this.#limits.spares > 0 || processesOf(spare).length > 0;
    const state = stage.kind === 'running' && reloading.reload !== undefined ? 'reloading' : stage.kind;
    return {
      state: state === 'stopped' ? 'stopping' : state,
      generation,
      ...reloading,
      ...(isSpareThere ? { spare: workerStatus(spare, this.#crew.rows, now) } : {}),
      ...(isPaused ? { isPaused } : {}),
      ...(since === undefined ? {} : { maintenanceSince: new Date(since).toISOString() }),
    };
  }

  isReady(): boolean {
    return hasQuorum(this.#fleet);
  }

  isWell(): boolean {
    return isWell(this.#fleet);
  }

  /** Lets the rule see one event and does what it orders; events that arise meanwhile come after it. */
  #happen(event: FleetEvent): void {
    this.#queue.push(event);
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      this.#workOff();
    } finally {
      this.#isWorking = false;
      this.#gauges.watch(this.#fleet);
      this.#arm();
    }
    if (!this.#isNews) return;
    this.#isNews = false;
    this.#crew.tellNews();
  }

  #workOff(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const moment = {
        now: this.#doors.clock.now(),
        random: this.#doors.random(),
        headroomBytes: this.#headroomBytes,
        crowding: this.#doors.crowding(),
      };
      const step = stepFleet(this.#fleet, next, moment, this.#limits);
      this.#fleet = step.next;
      this.#isNews ||= step.say.length > 0;
      for (const entry of step.say) this.#carryOut(entry);
    }
  }

  #carryOut(entry: Order | Note): void {
    switch (entry.kind) {
      case 'fork': {
        const config = this.#editions.config(entry.edition);
        this.#gauges.slot(entry.slot);
        this.#crew.fork(entry, config, this.#fleet.generation);
        return;
      }
      case 'listen':
        this.#crew.listen(entry.incarnation, entry.slot);
        return;
      case 'unlisten':
        this.#crew.unlisten(entry.incarnation);
        return;
      case 'drain': {
        // A drain in a hurry (a stop with a short deadline) has no time to wait for load balancers.
        const hasTime = entry.deadlineMs >= this.#limits.drainMs;
        this.#crew.drain(entry.incarnation, entry.deadlineMs, hasTime ? this.config().server.lame_duck : 0);
        return;
      }
      case 'kill':
        this.#crew.kill(entry.incarnation, entry.cause === 'hang');
        return;
      case 'abandon':
        this.#crew.abandon(entry.incarnation);
        return;
      default:
        this.#hear(entry);
    }
  }

  /** Notes: what others wait for, then the log and the metrics. */
  #hear(note: Note): void {
    narrate(note, this.#doors.log, this.#doors.metrics);
    this.#starting.hear(note);
    if (note.kind === 'rollout_step' && note.why === 'reload') this.#reloads.step(note.edition, note.text);
    else if (note.kind === 'superseded') this.#reloads.merge(note.edition, note.by);
    else if (note.kind === 'rollout_ended' && note.why === 'reload')
      this.#endReload(note.edition, note.ok, note.reason);
    else if (note.kind === 'all_stopped') this.#settleStopped({ forced: note.forced });
  }

  #endReload(edition: number, ok: boolean, reason: string): void {
    if (ok) {
      this.#limits = this.#editions.limits(this.#fleet.edition, this.#fleet.count);
      this.#doors.metrics.set('supervisor_generation', this.#fleet.generation);
    }
    const inUse = new Set([this.#fleet.edition, ...this.#processes().map((it) => it.edition)]);
    this.#editions.forget(edition, inUse);
    this.#reloads.end(edition, ok, reason);
  }

  /** Memory, deadlines and, once a second, what everybody is told. */
  #look(): void {
    const now = this.#doors.clock.now();
    if (now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      this.#headroomBytes = this.#doors.headroomBytes();
      this.#crew.measureMemory();
      this.#askHealth();
    }
    if (now - this.#secondAt >= SECOND_MS) {
      this.#secondAt = now;
      this.#crew.measureCpu();
      this.#gauges.second(this.#fleet, this.#crew.rows);
      this.#isNews = true;
    }
    this.#happen({ kind: 'tick' });
  }

  #askHealth(): void {
    const { rows } = this.#crew;
    const askables = this.#processes().map((process) => ({
      process,
      socket: rows.get(process.id)?.socket ?? '',
      workers: this.#editions.config(process.edition).workers,
    }));
    this.#healthChecks.look(askables.filter(({ workers }) => workers.health_check_url.length > 0));
  }

  #processes(): Incarnation[] {
    return [...this.#fleet.slots, this.#fleet.spare].flatMap(processesOf);
  }

  /** The next look: when something is due, at the latest after LOOK_MS. */
  #arm(): void {
    this.#callOff();
    if (this.#fleet.stage.kind === 'stopped') return;
    const now = this.#doors.clock.now();
    const dueMs = Math.min(this.#lookedAt + LOOK_MS, fleetDueAt(this.#fleet, this.#limits)) - now;
    this.#callOff = this.#doors.later(Math.max(LEAST_PAUSE_MS, dueMs), () => this.#look());
  }
}

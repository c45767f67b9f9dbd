/** Drives the fleet rule by hand: a clock, the orders of the last step, and processes that do as told. */
import { stepFleet } from '../../../../src/primary/rules/fleet.ts';
import {
  type Fleet,
  type FleetEvent,
  type FleetLimits,
  fleetDueAt,
  newFleet,
} from '../../../../src/primary/rules/fleet-state.ts';
import type { Incarnation, LifeEvent } from '../../../../src/primary/rules/incarnation.ts';
import type { Note, Order } from '../../../../src/primary/rules/order.ts';
import type { RestartLimits } from '../../../../src/primary/rules/restart.ts';
import { holderOf, processesOf } from '../../../../src/primary/rules/slot.ts';

const RESTART: RestartLimits = {
  autorestart: true,
  stopExitCodes: [99],
  minUptimeMs: 10_000,
  maxRestarts: 3,
  windowMs: 120_000,
  erroredRetryMs: 60_000,
  backoffResetMs: 30_000,
  backoff: { baseMs: 0, capMs: 15_000, fixedMs: 4000, jitter: 0 },
};

export const LIMITS: FleetLimits = {
  health: { suspectMs: 3000, killMs: 10_000, sleepMs: 2000 },
  memory: { softBytes: 500, hardBytes: 750 },
  check: { isOn: false, graceMs: 5000, isFatal: false },
  giveUpMs: 5000,
  lifetime: { maxRequests: 0, maxMs: 0, jitter: 0 },
  openMs: 10_000,
  spares: 0,
  intensity: { max: 0, windowMs: 60_000, spacing: { baseMs: 1000, capMs: 15_000, fixedMs: 0, jitter: 0 } },
  soakMs: 3000,
  chooseMs: 60_000,
  restart: RESTART,
  firstStart: { ...RESTART, backoff: { ...RESTART.backoff, baseMs: 250 } },
  listenMs: 30_000,
  drainMs: 6000,
  hangSurge: 1,
  replaceRetryMs: 60_000,
};

export class FleetDriver {
  fleet: Fleet;
  now = 1000;
  headroomBytes = Number.POSITIVE_INFINITY;
  crowding = 0;
  /** Answers every order to listen at once, as a worker that is well does. */
  opensDoors = true;
  said: (Order | Note)[] = [];
  readonly history: (Order | Note)[] = [];
  readonly limits: FleetLimits;

  constructor(count: number, limits: FleetLimits = LIMITS) {
    this.limits = limits;
    this.fleet = newFleet(count, this.now);
  }

  send(event: FleetEvent): this {
    const moment = { now: this.now, random: 0.5, headroomBytes: this.headroomBytes, crowding: this.crowding };
    const { next, say } = stepFleet(this.fleet, event, moment, this.limits);
    this.fleet = next;
    this.said = [...say];
    this.history.push(...say);
    for (const entry of say) {
      if (entry.kind !== 'listen' || !this.opensDoors) continue;
      this.tell(entry.incarnation, { kind: 'listening' });
      this.said = [...say, ...this.said];
    }
    return this;
  }

  tell(incarnation: number, event: Exclude<LifeEvent, { kind: 'tick' }>): this {
    return this.send({ kind: 'process', incarnation, event });
  }

  processes(): Incarnation[] {
    return [...this.fleet.slots, this.fleet.spare].flatMap(processesOf);
  }

  holder(slot: number): Incarnation {
    const found = this.fleet.slots.find(({ index }) => index === slot);
    const holder = found === undefined ? undefined : holderOf(found);
    if (holder === undefined) throw new Error(`nobody holds slot ${slot}`);
    return holder;
  }

  fresh(slot: number): Incarnation {
    const fresh = this.fleet.slots.find(({ index }) => index === slot)?.fresh;
    if (fresh === undefined) throw new Error(`slot ${slot} has no fresh process`);
    return fresh.process;
  }

  boot(incarnation: number): this {
    return this.tell(incarnation, { kind: 'forked' }).tell(incarnation, { kind: 'ready' });
  }

  exit(incarnation: number, code: number | null = 1, signal: string | null = null, lastWords = ''): this {
    return this.tell(incarnation, { kind: 'exited', code, signal, lastWords });
  }

  /** Lets time pass in looks of half a second; everybody who is well sends beats, except the silent. */
  pass(ms: number, silent: readonly number[] = []): this {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + 500);
      for (const it of this.processes()) {
        if (!silent.includes(it.id) && it.phase.kind === 'ready')
          this.tell(it.id, { kind: 'beat', requests: it.requests });
      }
      this.send({ kind: 'tick' });
    }
    return this;
  }

  /** Everything is started and ready. */
  started(): this {
    this.send({ kind: 'tick' });
    for (const it of this.processes()) this.boot(it.id);
    return this;
  }

  kinds(): string[] {
    return this.said.map(({ kind }) => kind);
  }

  find<K extends (Order | Note)['kind']>(kind: K): Extract<Order | Note, { kind: K }>[] {
    return this.history.filter((entry): entry is Extract<Order | Note, { kind: K }> => entry.kind === kind);
  }

  dueAt(): number {
    return fleetDueAt(this.fleet, this.limits);
  }
}

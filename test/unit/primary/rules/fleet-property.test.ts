/** Random event sequences against the fleet rule: what must hold after every step, whatever comes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FleetLimits } from '../../../../src/primary/rules/fleet-state.ts';
import { dueAt, isTakingCalls } from '../../../../src/primary/rules/incarnation.ts';
import { processesOf, processState, SPARE_SLOT } from '../../../../src/primary/rules/slot.ts';
import { FleetDriver, LIMITS } from './fleet-driver.ts';

type Move =
  | { kind: 'pass'; ms: number }
  | { kind: 'reload' | 'stop' | 'stop_now' | 'sleep' | 'pause' }
  | { kind: 'room'; isTight: boolean }
  | { kind: 'scale'; count: number }
  | {
      kind: 'forked' | 'fork_failed' | 'ready' | 'beat' | 'listening' | 'unfit' | 'hopeless';
      pick: number;
    }
  | { kind: 'memory'; pick: number; bytes: number }
  | { kind: 'exited'; pick: number; code: number | null; signal: string | null };

const pick = fc.nat({ max: 9 });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 400, 1900) }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('forked' as const, 'ready' as const, 'beat' as const), pick }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('listening' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('fork_failed' as const, 'unfit' as const, 'hopeless' as const),
      pick,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('memory' as const), pick, bytes: fc.constantFrom(100, 600, 900) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('exited' as const),
      pick,
      code: fc.constantFrom(0, 1, 70, 71, 99, null),
      signal: fc.constantFrom(null, 'SIGKILL', 'SIGSEGV'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reload' as const, 'sleep' as const, 'pause' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('room' as const), isTight: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scale' as const), count: fc.integer({ min: 1, max: 4 }) }) },
);

/** A spare, age limits and a low limit of restarts beside everything else; the test answers the orders to listen. */
const EVERYTHING: FleetLimits = {
  ...LIMITS,
  spares: 1,
  lifetime: { maxRequests: 0, maxMs: 30_000, jitter: 0.5 },
  intensity: { ...LIMITS.intensity, max: 4 },
};

function newDriver(count: number, limits = EVERYTHING): FleetDriver {
  const driver = new FleetDriver(count, limits);
  driver.opensDoors = false;
  return driver;
}

let edition = 0;

function play(driver: FleetDriver, it: Move): void {
  const all = driver.processes();
  const target = 'pick' in it ? all[it.pick % Math.max(1, all.length)]?.id : undefined;
  switch (it.kind) {
    case 'pass':
      driver.now += it.ms;
      driver.send({ kind: 'tick' });
      return;
    case 'sleep':
      driver.now += 50_000;
      driver.send({ kind: 'tick' });
      return;
    case 'reload':
      edition += 1;
      driver.send({ kind: 'reload', edition });
      return;
    case 'pause':
      driver.send({ kind: 'pause', isPaused: !driver.fleet.isPaused });
      return;
    case 'room':
      driver.headroomBytes = it.isTight ? 50 : Number.POSITIVE_INFINITY;
      return;
    case 'scale':
      driver.send({ kind: 'scale', count: it.count });
      return;
    case 'stop':
      driver.send({ kind: 'stop', deadlineMs: 30_000 });
      return;
    case 'stop_now':
      driver.send({ kind: 'stop_now' });
      return;
    default:
  }
  if (target === undefined) return;
  if (it.kind === 'fork_failed') driver.tell(target, { kind: it.kind, reason: 'EMFILE' });
  else if (it.kind === 'unfit') driver.tell(target, { kind: it.kind, reason: 'flood' });
  else if (it.kind === 'hopeless') {
    driver.tell(target, {
      kind: 'complained',
      complaint: { code: 'CONFIG_INVALID', text: 'bad', next: '', retry: false },
    });
  } else if (it.kind === 'memory') driver.tell(target, { kind: it.kind, bytes: it.bytes });
  else if (it.kind === 'exited') driver.exit(target, it.code, it.signal);
  else if (it.kind === 'beat') driver.tell(target, { kind: it.kind, requests: 5 });
  else driver.tell(target, { kind: it.kind });
}

function check(driver: FleetDriver): void {
  const { fleet } = driver;
  const processes = driver.processes();
  expect(new Set(processes.map(({ id }) => id)).size).toBe(processes.length);
  for (const slot of [...fleet.slots, fleet.spare]) {
    expect(processesOf(slot).length).toBeLessThanOrEqual(2);
    for (const it of processesOf(slot)) expect(it.slot).toBe(slot.index);
  }
  for (const it of processes) {
    expect(it.phase.kind).not.toBe('gone');
    expect(Number.isFinite(dueAt(it, LIMITS))).toBe(true);
    if (it.slot === SPARE_SLOT) expect(it.door.kind).toBe('closed');
  }
  const ready = processes.filter(({ phase }) => phase.kind === 'ready').length;
  const slotsInUse = fleet.slots.length;
  expect(ready).toBeLessThanOrEqual(slotsInUse + 1 + LIMITS.hangSurge + EVERYTHING.spares);
  if (fleet.rollout.kind === 'running' && fleet.rollout.step.kind === 'soaking') {
    // Who has not proven itself takes calls only where there is nobody else.
    const { step } = fleet.rollout;
    const fresh = fleet.slots.find(({ index }) => index === step.slot)?.fresh?.process;
    if (fresh?.id === step.fresh) expect(fresh.door.kind).toBe('closed');
  }
  if (fleet.isPaused && fleet.stage.kind === 'running') {
    expect(processes.filter(isTakingCalls)).toEqual([]);
  }
  if (processes.length > 0) expect(Number.isFinite(driver.dueAt())).toBe(true);
  if (fleet.stage.kind === 'stopped') expect(processes).toEqual([]);
  if (fleet.stage.kind === 'stopping' || fleet.stage.kind === 'stopped') {
    expect(fleet.rollout.kind).toBe('idle');
    expect(driver.kinds().includes('fork')).toBe(false);
  }
}

test('fleet: random events never break the bounds, and every process has a deadline', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(move, { maxLength: 120 }), (count, moves) => {
      const driver = newDriver(count).send({ kind: 'tick' });
      for (const it of moves) {
        play(driver, it);
        check(driver);
      }
    }),
    { numRuns: 300 },
  );
});

test('fleet: a stop ends every history in bounded time and starts nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(move, { maxLength: 60 }), (count, moves) => {
      const driver = newDriver(count).send({ kind: 'tick' });
      for (const it of moves) play(driver, it);
      driver.send({ kind: 'stop', deadlineMs: 30_000 });
      const forks = driver.find('fork').length;
      driver.pass(LIMITS.drainMs + LIMITS.giveUpMs + 1000);
      expect(driver.fleet.stage.kind).toBe('stopped');
      expect(driver.find('fork').length).toBe(forks);
      expect(driver.find('all_stopped').length).toBe(1);
    }),
    { numRuns: 200 },
  );
});

test('fleet: every reload is answered once its processes have run their course', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      edition = 0;
      const driver = newDriver(2).started();
      for (const it of moves) play(driver, it);
      const asked = edition;
      driver.send({ kind: 'stop', deadlineMs: 1000 }).pass(20_000);
      const answered = new Set([
        ...driver.find('rollout_ended').flatMap((note) => (note.why === 'reload' ? [note.edition] : [])),
        ...driver.find('superseded').map((note) => note.edition),
      ]);
      expect([...answered].sort((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
    }),
    { numRuns: 200 },
  );
});

test('fleet: healthy processes bring every history back to a full fleet', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const lifetime = { ...EVERYTHING.lifetime, maxMs: 0 };
      const driver = newDriver(2, {
        ...EVERYTHING,
        lifetime,
        restart: { ...LIMITS.restart, stopExitCodes: [] },
      }).started();
      for (const it of moves) {
        if (it.kind !== 'stop' && it.kind !== 'stop_now') play(driver, it);
      }
      driver.headroomBytes = Number.POSITIVE_INFINITY;
      driver.send({ kind: 'pause', isPaused: false });
      for (let round = 0; round < 600; round += 1) {
        for (const { id, phase, door } of driver.processes()) {
          if (phase.kind === 'forking' || phase.kind === 'booting') driver.boot(id);
          else if (phase.kind === 'draining') driver.exit(id, 0);
          else if (door.kind === 'opening') driver.tell(id, { kind: 'listening' });
          else if (phase.kind === 'killing') driver.exit(id, null, 'SIGKILL');
        }
        driver.pass(500);
      }
      expect(driver.fleet.slots.map((slot) => processesOf(slot).map(processState))).toEqual(
        Array.from({ length: driver.fleet.count }, () => ['ready']),
      );
      expect(processesOf(driver.fleet.spare).map(processState)).toEqual(['spare']);
      expect(driver.fleet.rollout.kind).toBe('idle');
    }),
    { numRuns: 60 },
  );
});

/**
 * The life of one worker process. Every phase but `ready` and `gone` has a deadline.
 *
 *   forking --> booting --> ready <--> suspect
 *      |           |          |           |
 *      |           |       draining <-----+
 *      |           v          v           |
 *      +------> killing <-----+-----------+
 *                  v
 *                gone      (an exit leads here from every phase)
 *
 * Late news about a process that is gone changes nothing. Beside its phase a process has a door: whether it takes calls
 * on the service port. One that has to prove itself first, or is the spare, boots with its door closed.
 */
import { type ExitClass, WORKER_EXIT } from '../../shared/exit-codes.ts';
import { type CheckLimits, type CheckRecord, newChecks, noteCheck } from './check.ts';
import { type HealthLimits, judgeSilence } from './health.ts';
import { judgeMemory, type MemoryLimits } from './memory.ts';
import type { End, Note, Order } from './order.ts';

export type Phase =
  | { readonly kind: 'forking'; readonly deadline: number }
  | { readonly kind: 'booting'; readonly deadline: number }
  | { readonly kind: 'ready'; readonly lastBeat: number; readonly overSoft: number }
  | { readonly kind: 'suspect'; readonly lastBeat: number; readonly deadline: number }
  | { readonly kind: 'draining'; readonly cause: ExitClass; readonly deadline: number }
  | { readonly kind: 'killing'; readonly cause: ExitClass; readonly detail: string; readonly deadline: number }
  | { readonly kind: 'gone'; readonly end: End };

export type Door =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening'; readonly deadline: number }
  /** Open as soon as it is ready. */
  | { readonly kind: 'open' };

export interface Incarnation {
  /** Never repeats while the primary lives. */
  readonly id: number;
  /** SPARE_SLOT until the spare takes a place. */
  readonly slot: number;
  /** Which configuration it was booted with. */
  readonly edition: number;
  readonly startedAt: number;
  readonly phase: Phase;
  readonly door: Door;
  /** Requests it has answered, as of its last beat. */
  readonly requests: number;
  /** Memory at the last reading. */
  readonly bytes: number;
  /** 0..1, drawn at its start: how much earlier than others it is replaced for its age. */
  readonly luck: number;
  /** What it said before it failed to boot. */
  readonly complaint: Complaint | undefined;
  /** Undefined until it is ready. */
  readonly checks: CheckRecord | undefined;
}

export interface Complaint {
  readonly code: string;
  readonly text: string;
  /** What to do about it. */
  readonly next: string;
  /** False: starting it again with the same configuration cannot help. */
  readonly retry: boolean;
}

export interface LifeLimits {
  readonly health: HealthLimits;
  readonly memory: MemoryLimits;
  readonly check: CheckLimits;
  /** How long a process may take to go after SIGKILL. */
  readonly giveUpMs: number;
  /** How long a ready process may take to open the service port. */
  readonly openMs: number;
}

export type LifeEvent =
  | { readonly kind: 'forked' }
  | { readonly kind: 'fork_failed'; readonly reason: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'complained'; readonly complaint: Complaint }
  | { readonly kind: 'beat'; readonly requests: number }
  | { readonly kind: 'listening' }
  | { readonly kind: 'memory'; readonly bytes: number }
  /** A health check ended; `fault` tells why it failed. */
  | { readonly kind: 'checked'; readonly fault: string | undefined }
  /** It broke a rule of the channel and must go. */
  | { readonly kind: 'unfit'; readonly reason: string }
  | {
      readonly kind: 'exited';
      readonly code: number | null;
      readonly signal: string | null;
      /** What it printed last to its standard error. */
      readonly lastWords: string;
    }
  | { readonly kind: 'tick' }
  | { readonly kind: 'listen' }
  | { readonly kind: 'unlisten' }
  | { readonly kind: 'drain'; readonly cause: ExitClass; readonly deadlineMs: number }
  | { readonly kind: 'kill'; readonly cause: ExitClass; readonly detail: string };

export interface LifeStep {
  readonly next: Incarnation;
  readonly say: readonly (Order | Note)[];
}

export function stepIncarnation(it: Incarnation, event: LifeEvent, now: number, limits: LifeLimits): LifeStep {
  const { phase } = it;
  if (phase.kind === 'gone') return stay(it);
  switch (event.kind) {
    case 'forked':
      return phase.kind === 'forking' ? to(it, { ...phase, kind: 'booting' }) : stay(it);
    case 'fork_failed':
      return phase.kind === 'forking' ? gone(it, 'boot_failure', `fork: ${event.reason}`, undefined) : stay(it);
    case 'ready': {
      if (phase.kind !== 'booting' && phase.kind !== 'forking') return stay(it);
      const bootMs = now - it.startedAt;
      const note: Note = { kind: 'became_ready', slot: it.slot, incarnation: it.id, bootMs };
      return to({ ...it, checks: newChecks(now) }, { kind: 'ready', lastBeat: now, overSoft: 0 }, note);
    }
    case 'complained':
      return { next: { ...it, complaint: event.complaint }, say: [] };
    case 'beat':
      return beaten({ ...it, requests: event.requests }, now);
    case 'listen':
    case 'unlisten':
      return turnDoor(it, event.kind, now, limits);
    case 'listening':
      if (it.door.kind !== 'opening') return stay(it);
      return {
        next: { ...it, door: { kind: 'open' } },
        say: [{ kind: 'listening', slot: it.slot, incarnation: it.id }],
      };
    case 'memory':
      return measured(it, event.bytes, now, limits);
    case 'checked':
      return checked(it, event.fault, now, limits);
    case 'unfit':
      return kill(it, 'crash', event.reason, now, limits);
    case 'exited':
      return ended(it, event);
    case 'tick':
      return ticked(it, now, limits);
    case 'drain':
      return drain(it, event.cause, event.deadlineMs, now, limits);
    case 'kill':
      return kill(it, event.cause, event.detail, now, limits);
    default:
      return event satisfies never;
  }
}

/** The same incarnation with its times moved, after the primary slept. */
export function shiftTimes(before: Incarnation, byMs: number): Incarnation {
  const { phase } = before;
  const it = shiftDoor(before, byMs);
  switch (phase.kind) {
    case 'ready':
      return { ...shiftChecks(it, byMs), phase: { ...phase, lastBeat: phase.lastBeat + byMs } };
    case 'suspect':
      return { ...it, phase: { ...phase, lastBeat: phase.lastBeat + byMs, deadline: phase.deadline + byMs } };
    case 'forking':
    case 'booting':
    case 'draining':
    case 'killing':
      return { ...it, phase: { ...phase, deadline: phase.deadline + byMs } };
    case 'gone':
      return it;
    default:
      return phase satisfies never;
  }
}

/** When the phase or the door must be looked at again. */
export function dueAt({ phase, door }: Incarnation, limits: LifeLimits): number {
  if (phase.kind === 'gone') return Number.POSITIVE_INFINITY;
  const phaseAt = phase.kind === 'ready' ? phase.lastBeat + limits.health.suspectMs : phase.deadline;
  const isUp = phase.kind === 'ready' || phase.kind === 'suspect';
  return isUp && door.kind === 'opening' ? Math.min(phaseAt, door.deadline) : phaseAt;
}

/** It answers and takes calls. */
export const isTakingCalls = (it: Incarnation): boolean => it.phase.kind === 'ready' && it.door.kind === 'open';

const stay = (it: Incarnation): LifeStep => ({ next: it, say: [] });

const to = (it: Incarnation, phase: Phase, ...say: (Order | Note)[]): LifeStep => ({ next: { ...it, phase }, say });

const gone = (it: Incarnation, className: ExitClass, detail: string, code: number | undefined): LifeStep =>
  to(it, { kind: 'gone', end: { class: className, detail, code } });

function beaten(it: Incarnation, now: number): LifeStep {
  const { phase } = it;
  if (phase.kind === 'ready') return to(it, { ...phase, lastBeat: now });
  if (phase.kind !== 'suspect') return stay(it);
  return to(
    it,
    { kind: 'ready', lastBeat: now, overSoft: 0 },
    { kind: 'recovered', slot: it.slot, incarnation: it.id },
  );
}

/** Only a process that is up has a door to turn; one that boots does as it was told at its fork. */
function turnDoor(it: Incarnation, way: 'listen' | 'unlisten', now: number, limits: LifeLimits): LifeStep {
  if (it.phase.kind !== 'ready' && it.phase.kind !== 'suspect') return stay(it);
  const isClosed = it.door.kind === 'closed';
  if (way === 'listen') {
    if (!isClosed) return stay(it);
    const door: Door = { kind: 'opening', deadline: now + limits.openMs };
    return { next: { ...it, door }, say: [{ kind: 'listen', incarnation: it.id, slot: it.slot }] };
  }
  if (isClosed) return stay(it);
  return { next: { ...it, door: { kind: 'closed' } }, say: [{ kind: 'unlisten', incarnation: it.id }] };
}

function shiftDoor(it: Incarnation, byMs: number): Incarnation {
  return it.door.kind === 'opening' ? { ...it, door: { ...it.door, deadline: it.door.deadline + byMs } } : it;
}

function kill(it: Incarnation, cause: ExitClass, detail: string, now: number, limits: LifeLimits): LifeStep {
  if (it.phase.kind === 'killing') return stay(it);
  return to(
    it,
    { kind: 'killing', cause, detail, deadline: now + limits.giveUpMs },
    { kind: 'kill', incarnation: it.id, cause },
  );
}

function drain(it: Incarnation, cause: ExitClass, deadlineMs: number, now: number, limits: LifeLimits): LifeStep {
  const { phase } = it;
  if (phase.kind === 'forking' || phase.kind === 'booting') return kill(it, cause, 'not needed any more', now, limits);
  if (phase.kind === 'draining') return to(it, { ...phase, deadline: Math.min(phase.deadline, now + deadlineMs) });
  if (phase.kind === 'killing') return stay(it);
  return to(
    it,
    { kind: 'draining', cause, deadline: now + deadlineMs },
    { kind: 'drain', incarnation: it.id, deadlineMs },
  );
}

function measured(before: Incarnation, bytes: number, now: number, limits: LifeLimits): LifeStep {
  const it = { ...before, bytes };
  const { phase } = it;
  if (phase.kind === 'killing') return stay(it);
  const verdict = judgeMemory(phase.kind === 'ready' ? phase.overSoft : 0, bytes, limits.memory);
  if (verdict === 'kill') {
    return kill(it, 'memory_hard', `${bytes} bytes, hard limit ${limits.memory.hardBytes}`, now, limits);
  }
  return phase.kind === 'ready' ? to(it, { ...phase, overSoft: verdict }) : stay(it);
}

function checked(it: Incarnation, fault: string | undefined, now: number, limits: LifeLimits): LifeStep {
  if (it.phase.kind !== 'ready' || it.checks === undefined) return stay(it);
  const { next, turned } = noteCheck(it.checks, fault, now, limits.check);
  const about = { slot: it.slot, incarnation: it.id } as const;
  const say: Note[] =
    turned === undefined ? [] : [{ kind: 'check_turned', ...about, isWell: turned === 'well', reason: next.reason }];
  return { next: { ...it, checks: next }, say };
}

function shiftChecks(it: Incarnation, byMs: number): Incarnation {
  return it.checks === undefined ? it : { ...it, checks: { ...it.checks, readyAt: it.checks.readyAt + byMs } };
}

function ticked(it: Incarnation, now: number, limits: LifeLimits): LifeStep {
  const { phase } = it;
  switch (phase.kind) {
    case 'forking':
    case 'booting':
      if (now < phase.deadline) return stay(it);
      return kill(it, 'boot_failure', `not ready within ${Math.round(now - it.startedAt)} ms`, now, limits);
    case 'ready': {
      if (it.door.kind === 'opening' && now >= it.door.deadline) return doesNotOpen(it, now, limits);
      const silentMs = now - phase.lastBeat;
      if (judgeSilence(phase.lastBeat, now, limits.health) === 'fine') return stay(it);
      return to(
        it,
        { kind: 'suspect', lastBeat: phase.lastBeat, deadline: phase.lastBeat + limits.health.killMs },
        { kind: 'suspected', slot: it.slot, incarnation: it.id, silentMs },
      );
    }
    case 'suspect':
      if (it.door.kind === 'opening' && now >= it.door.deadline) return doesNotOpen(it, now, limits);
      if (now < phase.deadline) return stay(it);
      return kill(it, 'hang', `silent for ${Math.round(now - phase.lastBeat)} ms`, now, limits);
    case 'draining':
      return now < phase.deadline ? stay(it) : kill(it, phase.cause, 'killed at the drain deadline', now, limits);
    case 'killing': {
      if (now < phase.deadline) return stay(it);
      const step = gone(it, phase.cause, 'does not go away after SIGKILL', undefined);
      return { ...step, say: [{ kind: 'abandon', incarnation: it.id }] };
    }
    case 'gone':
      return stay(it);
    default:
      return phase satisfies never;
  }
}

const doesNotOpen = (it: Incarnation, now: number, limits: LifeLimits): LifeStep =>
  kill(it, 'boot_failure', `did not open the service port within ${limits.openMs} ms`, now, limits);

const HEAP_FULL = 'heap out of memory';

/** The class of an end: what was wanted if something was, else what the exit and the worker's own words say. */
function ended(it: Incarnation, event: Extract<LifeEvent, { kind: 'exited' }>): LifeStep {
  const { phase, complaint } = it;
  const { code, signal, lastWords } = event;
  const how = signal ?? `code ${code ?? 'unknown'}`;
  const exitCode = code ?? undefined;
  const told = complaint?.text ?? (lastWords === '' ? how : `${how}: ${lastWords}`);
  const isPort = code === WORKER_EXIT.portInUse || complaint?.code === 'PORT_IN_USE';
  switch (phase.kind) {
    case 'killing':
      return gone(it, phase.cause, phase.detail, exitCode);
    case 'draining':
      return gone(it, phase.cause, how, exitCode);
    case 'forking':
    case 'booting':
      return gone(it, isPort ? 'port_in_use' : 'boot_failure', told, exitCode);
    case 'ready':
    case 'suspect':
      if (isPort) return gone(it, 'port_in_use', told, exitCode);
      if (code === 0) return gone(it, 'clean', how, exitCode);
      if (lastWords.includes(HEAP_FULL)) return gone(it, 'memory_hard', told, exitCode);
      if (signal === 'SIGKILL') return gone(it, 'killed', 'SIGKILL, perhaps out of memory', exitCode);
      if (signal === 'SIGTERM' || signal === 'SIGINT') return gone(it, 'killed', how, exitCode);
      return gone(it, 'crash', told, exitCode);
    case 'gone':
      return stay(it);
    default:
      return phase satisfies never;
  }
}

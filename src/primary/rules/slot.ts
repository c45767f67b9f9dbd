/**
 * A slot: the numbered place of a worker (0..N-1), who holds it, who is about to take it and who is leaving.
 *
 *   empty -> held -> backoff -> held ...        the seat; `errored` and `stopped` are where it can come to rest
 *   held -> yielded -> held                     when there is no memory for two: the holder leaves before the new one
 *   fresh                                       a process beside the holder that takes the seat when it is fit
 *   leavers                                     processes that lost the seat and finish their calls
 *
 * At most two processes run in a slot, so that a crash loop during a long drain cannot pile up processes.
 */
import { dueAt, type Incarnation, isTakingCalls, type LifeLimits } from './incarnation.ts';
import type { End, Note } from './order.ts';
import { freshRecord, judgeEnd, type RestartLimits, type RestartRecord } from './restart.ts';

export type Seat =
  | { readonly kind: 'empty' }
  | { readonly kind: 'held'; readonly by: Incarnation }
  | { readonly kind: 'backoff'; readonly until: number }
  | { readonly kind: 'errored'; readonly retryAt: number | undefined }
  /** Kept for the process of a rollout that starts when the former holder is gone. */
  | { readonly kind: 'yielded' }
  | { readonly kind: 'stopped' };

export interface Slot {
  readonly index: number;
  readonly seat: Seat;
  /** `hang`: in case the holder does not come back; `rollout`: to replace a holder that works. */
  readonly fresh: { readonly why: 'hang' | 'rollout'; readonly process: Incarnation } | undefined;
  readonly leavers: readonly Incarnation[];
  readonly record: RestartRecord;
}

export const MAX_PROCESSES_PER_SLOT = 2;

/** Index of the place of the spare: a worker that is booted, takes no calls and waits for a slot. */
export const SPARE_SLOT = -1;

/** A slot as labels, logs and people name it. */
export const slotName = (index: number): number | 'spare' => (index === SPARE_SLOT ? 'spare' : index);

export const newSlot = (index: number): Slot => ({
  index,
  seat: { kind: 'empty' },
  fresh: undefined,
  leavers: [],
  record: freshRecord,
});

export function processesOf(slot: Slot): readonly Incarnation[] {
  const holder = slot.seat.kind === 'held' ? [slot.seat.by] : [];
  return [...holder, ...(slot.fresh === undefined ? [] : [slot.fresh.process]), ...slot.leavers];
}

export function holderOf(slot: Slot): Incarnation | undefined {
  return slot.seat.kind === 'held' ? slot.seat.by : undefined;
}

export function isServing(slot: Slot): boolean {
  const holder = holderOf(slot);
  return holder !== undefined && isTakingCalls(holder);
}

/** The word that others know the state of a process by: `standby` is ready, but takes no calls (`spare`: in no slot). */
export function processState(it: Incarnation): string {
  if (it.phase.kind !== 'ready' || it.door.kind === 'open') return it.phase.kind;
  return it.slot === SPARE_SLOT ? 'spare' : 'standby';
}

/** The word that status and metrics use. */
export function slotState(slot: Slot): string {
  if (slot.seat.kind === 'held') return processState(slot.seat.by);
  return slot.seat.kind === 'stopped' && slot.leavers.length > 0 ? 'draining' : slot.seat.kind;
}

/** True when the seat wants a process now. */
export function wantsStart(slot: Slot, now: number): boolean {
  if (slot.fresh !== undefined || processesOf(slot).length >= MAX_PROCESSES_PER_SLOT) return false;
  switch (slot.seat.kind) {
    case 'empty':
      return true;
    case 'backoff':
      return now >= slot.seat.until;
    case 'errored':
      return slot.seat.retryAt !== undefined && now >= slot.seat.retryAt;
    case 'held':
    case 'yielded':
    case 'stopped':
      return false;
    default:
      return slot.seat satisfies never;
  }
}

/** The slot with one of its processes in a new phase; the role stays. */
export function withProcess(slot: Slot, next: Incarnation): Slot {
  if (slot.seat.kind === 'held' && slot.seat.by.id === next.id) return { ...slot, seat: { kind: 'held', by: next } };
  if (slot.fresh?.process.id === next.id) return { ...slot, fresh: { ...slot.fresh, process: next } };
  return { ...slot, leavers: slot.leavers.map((leaver) => (leaver.id === next.id ? next : leaver)) };
}

/** Gives the seat to the fresh process; a former holder becomes a leaver (the caller drains it). */
export function takeSeat(slot: Slot): Slot {
  if (slot.fresh === undefined) return slot;
  const former = slot.seat.kind === 'held' ? [slot.seat.by] : [];
  return {
    ...slot,
    seat: { kind: 'held', by: slot.fresh.process },
    fresh: undefined,
    leavers: [...slot.leavers, ...former],
  };
}

/** The fresh process is not wanted any more: it leaves. */
export function dismissFresh(slot: Slot): Slot {
  if (slot.fresh === undefined) return slot;
  return { ...slot, fresh: undefined, leavers: [...slot.leavers, slot.fresh.process] };
}

/** The holder leaves; `then` is what becomes of the seat. */
export function giveUpSeat(slot: Slot, then: 'empty' | 'yielded'): Slot {
  if (slot.seat.kind !== 'held') return slot;
  return { ...slot, seat: { kind: then }, leavers: [...slot.leavers, slot.seat.by] };
}

/** Everybody leaves and nobody starts. */
export function vacate(slot: Slot): Slot {
  return { ...slot, seat: { kind: 'stopped' }, fresh: undefined, leavers: [...processesOf(slot)] };
}

/**
 * Takes a process that is gone out of its slot. If the seat is without a holder then, the restart rule decides when it
 * is filled again; a fresh process that is still there takes it as soon as it is ready.
 */
export function settle(
  slot: Slot,
  ended: Incarnation,
  end: End,
  moment: { readonly now: number; readonly random: number },
  limits: RestartLimits,
): { next: Slot; notes: Note[] } {
  const uptimeMs = moment.now - ended.startedAt;
  const note = (restarts: boolean, delayMs: number | undefined): Note => ({
    kind: 'ended',
    slot: slot.index,
    incarnation: ended.id,
    end,
    uptimeMs,
    restarts,
    delayMs,
  });
  const without: Slot = {
    ...slot,
    fresh: slot.fresh?.process.id === ended.id ? undefined : slot.fresh,
    leavers: slot.leavers.filter((leaver) => leaver.id !== ended.id),
    record: { ...slot.record, lastEnd: end },
  };
  const wasHolder = slot.seat.kind === 'held' && slot.seat.by.id === ended.id;
  const wasFresh = slot.fresh?.process.id === ended.id;
  if (!wasHolder && !(wasFresh && slot.seat.kind !== 'held')) {
    const isSeatKept = slot.seat.kind === 'held' || slot.seat.kind === 'yielded';
    const replaced = !wasFresh && isSeatKept && end.class !== 'stopped';
    const record = replaced ? { ...without.record, restarts: slot.record.restarts + 1 } : without.record;
    return { next: { ...without, record }, notes: [note(replaced, undefined)] };
  }
  const { next: record, verdict } = judgeEnd(slot.record, { end, uptimeMs }, moment, limits);
  if (verdict.kind === 'restart') {
    const until = moment.now + verdict.delayMs;
    return { next: { ...without, record, seat: { kind: 'backoff', until } }, notes: [note(true, verdict.delayMs)] };
  }
  if (verdict.kind === 'stopped') {
    return { next: { ...without, record, seat: { kind: 'stopped' } }, notes: [note(false, undefined)] };
  }
  const { retryMs } = verdict;
  return {
    next: {
      ...without,
      record,
      seat: { kind: 'errored', retryAt: retryMs === undefined ? undefined : moment.now + retryMs },
    },
    notes: [note(false, undefined), { kind: 'errored', slot: slot.index, end, retryMs }],
  };
}

/** When the slot must be looked at again. */
export function slotDueAt(slot: Slot, limits: LifeLimits): number {
  const processes = processesOf(slot);
  const times = processes.map((it) => dueAt(it, limits));
  if (slot.fresh === undefined && processes.length < MAX_PROCESSES_PER_SLOT) {
    if (slot.seat.kind === 'backoff') times.push(slot.seat.until);
    if (slot.seat.kind === 'errored' && slot.seat.retryAt !== undefined) times.push(slot.seat.retryAt);
  }
  return Math.min(...times, Number.POSITIVE_INFINITY);
}

/**
 * The hot spare: one worker that is booted and warmed, listens only on its own socket and has no slot. When the worker of
 * a slot ends or hangs it moves there at once, and a new spare boots.
 */
import type { ExitClass } from '../../shared/exit-codes.ts';
import type { Draft } from './draft.ts';
import type { Incarnation } from './incarnation.ts';
import { reasonToReplace } from './reload.ts';
import { giveUpSeat, holderOf, SPARE_SLOT, wantsStart } from './slot.ts';

/** Takes the spare out of its place for a slot, undefined when there is none that is fit. */
export function takeSpare(draft: Draft, index: number): Incarnation | undefined {
  const { spare, edition, stage } = draft.fleet;
  const it = holderOf(spare);
  if (stage.kind !== 'running' || it === undefined || it.phase.kind !== 'ready' || it.edition !== edition) {
    return undefined;
  }
  draft.put({ ...spare, seat: { kind: 'empty' } });
  return { ...it, slot: index };
}

/** Boots the spare, renews one that is of an old edition or tired, and lets it go when none is wanted. */
export function tendSpare(draft: Draft): void {
  const { limits, moment, fleet } = draft;
  const { spare, stage, edition, rollout } = fleet;
  const isWanted = stage.kind === 'running' && limits.spares > 0;
  const holder = holderOf(spare);
  if (holder !== undefined) {
    const isOld = holder.edition !== edition && rollout.kind === 'idle';
    const cause: ExitClass | undefined = isWanted
      ? (reasonToReplace(spare, moment.now, limits) ?? (isOld ? 'reload' : undefined))
      : 'stopped';
    if (cause === undefined) return;
    draft.put(giveUpSeat(spare, 'empty'));
    draft.life(holder.id, { kind: 'drain', cause, deadlineMs: limits.drainMs });
    return;
  }
  if (!isWanted || !wantsStart(spare, moment.now) || !draft.hasRoomBeside(holderOf(draft.slot(0)))) return;
  const by = draft.fork(SPARE_SLOT, edition, 'own');
  draft.put({ ...draft.fleet.spare, seat: { kind: 'held', by } });
}

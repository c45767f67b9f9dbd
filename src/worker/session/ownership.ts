/**
 * Who answers a request of a session: decided from the record's owner and the fleet, nothing else.
 *
 *   handed over, or the owner is gone ... adopt (when draining: delegate to a fellow that takes work)
 *   this worker owns it ................. local
 *   a fellow owns it .................... proxy to its own socket
 *   the owner may not be listed yet ..... wait for the next message of the primary
 *   a worker of another daemon owns it .. remote while its lease lives, else adopt
 *
 * An owner counts as gone only when the primary no longer lists it, or when its lease is gone: never because it did not
 * answer.
 */
import type { FleetWorker } from '../../shared/ipc.ts';
import type { FleetView } from './fleet-view.ts';
import type { Lease } from './lease.ts';
import { parseOwner } from './record.ts';

export type Decided =
  | { readonly kind: 'local' }
  | { readonly kind: 'adopt' }
  | { readonly kind: 'proxy'; readonly to: FleetWorker }
  | { readonly kind: 'remote'; readonly url: string; readonly owner: string }
  | { readonly kind: 'wait' };

/** `foreign`: its lease decides. */
export type Decision = Exclude<Decided, { kind: 'remote' }> | { readonly kind: 'foreign'; readonly owner: string };

type Fleet = Pick<FleetView, 'daemon' | 'incarnation' | 'workers' | 'newest' | 'isDraining'>;

/** A fellow that may be given work it does not hold yet; undefined when there is none. */
export function peerThatTakesWork(fleet: Fleet): FleetWorker | undefined {
  const peers = fleet
    .workers()
    .filter((worker) => worker.incarnation !== fleet.incarnation && worker.state === 'ready' && worker.socket !== '');
  return peers.reduce<FleetWorker | undefined>(
    (least, worker) =>
      least === undefined || (worker.beat?.inflight ?? 0) < (least.beat?.inflight ?? 0) ? worker : least,
    undefined,
  );
}

function decideUnowned(fleet: Fleet): Extract<Decided, { kind: 'adopt' | 'proxy' }> {
  const peer = fleet.isDraining() ? peerThatTakesWork(fleet) : undefined;
  return peer === undefined ? { kind: 'adopt' } : { kind: 'proxy', to: peer };
}

/** @param me the name this worker owns sessions under now */
export function decideOwner(owner: string | null, fleet: Fleet, me: string): Decision {
  if (owner === null) return decideUnowned(fleet);
  if (owner === me) return { kind: 'local' };
  const named = parseOwner(owner);
  if (named?.daemon !== fleet.daemon) return { kind: 'foreign', owner };
  // This worker, before it lost its lease.
  if (named.incarnation === fleet.incarnation) return decideUnowned(fleet);
  const holder = fleet.workers().find((worker) => worker.incarnation === named.incarnation);
  if (holder !== undefined) return holder.socket === '' ? { kind: 'wait' } : { kind: 'proxy', to: holder };
  // A list that does not even name this worker is too old to tell who is gone.
  const isListed = fleet.workers().some((worker) => worker.incarnation === fleet.incarnation);
  return named.incarnation > fleet.newest() || !isListed ? { kind: 'wait' } : decideUnowned(fleet);
}

/** An owner of another daemon: `url` is where its lease says it is reached, undefined when the lease is gone. */
export function decideForeign(owner: string, url: string | undefined, fleet: Fleet): Decided {
  return url === undefined ? decideUnowned(fleet) : { kind: 'remote', url, owner };
}

/**
 * True when the primary's list is new enough to know the owner and does not name it, or when its lease is gone.
 * @throws AppError STATE_UNAVAILABLE when that cannot be told now
 */
export async function isOwnerGone(owner: string, fleet: Fleet, lease: Pick<Lease, 'me' | 'find'>): Promise<boolean> {
  const serving = {
    daemon: fleet.daemon,
    incarnation: fleet.incarnation,
    workers: () => fleet.workers(),
    newest: () => fleet.newest(),
    isDraining: () => false,
  };
  const decision = decideOwner(owner, serving, lease.me());
  if (decision.kind === 'foreign') return (await lease.find(owner)) === undefined;
  return decision.kind === 'adopt';
}

/** A claim takes the session from another worker; not after a hand-over, nor when this one held it before it lost its lease. */
export function isTakenFrom(owner: string | null, me: string): boolean {
  if (owner === null) return false;
  const [from, to] = [parseOwner(owner), parseOwner(me)];
  return from === undefined || from.daemon !== to?.daemon || from.incarnation !== to.incarnation;
}

/** Where to look for a session that the store does not know: its maker may hold it in memory only. */
export function decideUnknown(maker: number | undefined, fleet: Fleet): FleetWorker | undefined {
  if (maker === undefined || maker === fleet.incarnation) return undefined;
  const holder = fleet.workers().find((worker) => worker.incarnation === maker);
  return holder === undefined || holder.socket === '' ? undefined : holder;
}

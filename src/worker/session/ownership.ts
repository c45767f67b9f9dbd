/**
 * Who answers a request of a session: decided from the record's owner and the fleet, nothing else.
 *
 *   handed over, or the owner is gone ... adopt (when draining: delegate to a fellow that takes work)
 *   this worker owns it ................. local
 *   a fellow owns it .................... proxy to its own socket
 *   the owner may not be listed yet ..... wait for the next message of the primary
 *
 * An owner counts as gone only when the primary no longer lists it: never because it did not answer.
 */
import type { FleetWorker } from '../../shared/ipc.ts';
import type { FleetView } from './fleet-view.ts';
import { ownerName } from './record.ts';

export type Decision =
  | { readonly kind: 'local' }
  | { readonly kind: 'adopt' }
  | { readonly kind: 'proxy'; readonly to: FleetWorker }
  | { readonly kind: 'wait' };

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

function decideUnowned(fleet: Fleet): Decision {
  const peer = fleet.isDraining() ? peerThatTakesWork(fleet) : undefined;
  return peer === undefined ? { kind: 'adopt' } : { kind: 'proxy', to: peer };
}

export function decideOwner(owner: string | null, fleet: Fleet): Decision {
  if (owner === null) return decideUnowned(fleet);
  if (owner === ownerName(fleet.daemon, fleet.incarnation)) return { kind: 'local' };
  const [daemon, number] = [owner.slice(0, owner.lastIndexOf('.')), Number(owner.slice(owner.lastIndexOf('.') + 1))];
  if (daemon !== fleet.daemon) return decideUnowned(fleet);
  const holder = fleet.workers().find((worker) => worker.incarnation === number);
  if (holder !== undefined) return holder.socket === '' ? { kind: 'wait' } : { kind: 'proxy', to: holder };
  // A list that does not even name this worker is too old to tell who is gone.
  const isListed = fleet.workers().some((worker) => worker.incarnation === fleet.incarnation);
  return number > fleet.newest() || !isListed ? { kind: 'wait' } : decideUnowned(fleet);
}

/** Where to look for a session that the store does not know: its maker may hold it in memory only. */
export function decideUnknown(maker: number | undefined, fleet: Fleet): FleetWorker | undefined {
  if (maker === undefined || maker === fleet.incarnation) return undefined;
  const holder = fleet.workers().find((worker) => worker.incarnation === maker);
  return holder === undefined || holder.socket === '' ? undefined : holder;
}

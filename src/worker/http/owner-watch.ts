/** Tells when the owner that a request was handed on to is gone: by the primary's word, or by its lease on another host. */
import type { Place, SessionDirectory } from '../session/directory.ts';
import type { FleetView } from '../session/fleet-view.ts';

export type Elsewhere = Extract<Place, { kind: 'proxy' | 'remote' }>;

/** How often the lease of an owner on another host is looked for while it answers. */
const LOOK_FOR_LEASE_MS = 1000;

/** Calls back once or more; returns how to stop. */
export function watchOwner(
  place: Elsewhere,
  { fleet, directory }: { readonly fleet: FleetView; readonly directory: Pick<SessionDirectory, 'isAlive'> },
  gone: () => void,
): () => void {
  if (place.kind === 'proxy') {
    return fleet.onChange(() => {
      if (!fleet.workers().some(({ incarnation }) => incarnation === place.to.incarnation)) gone();
    });
  }
  const look = async () => {
    // A store that cannot be asked says nothing about the owner.
    if (!(await directory.isAlive(place.owner).catch(() => true))) gone();
  };
  const timer = setInterval(() => void look(), LOOK_FOR_LEASE_MS);
  return () => clearInterval(timer);
}

/** Owners of sessions elsewhere: tells when one is gone, by the primary's word or by its lease on another host, and takes its session over. */
import type { SessionDirectory } from '../session/directory.ts';
import type { FleetView } from '../session/fleet-view.ts';
import type { Place } from '../session/place.ts';
import type { SessionRecord } from '../session/record.ts';
import type { Stored } from '../state/store.ts';

export type Elsewhere = Extract<Place, { kind: 'proxy' | 'remote' }>;

/** Where its worker is reached. */
export function addressOf(place: Place): string {
  if (place.kind === 'proxy') return place.to.socket;
  return place.kind === 'remote' ? place.url : '';
}

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

/** A store that has just failed is not asked again sooner. */
const ASK_AGAIN_MS = 250;

/**
 * Takes a session over. Undefined when it must be looked for again: another one was faster, or, while the request may
 * still wait, the store failed or was too slow to tell.
 */
export async function claim(
  {
    directory,
    fleet,
  }: { readonly directory: Pick<SessionDirectory, 'claim'>; readonly fleet: Pick<FleetView, 'changed'> },
  found: Stored<SessionRecord>,
  mayWait: boolean,
): Promise<SessionRecord | undefined> {
  try {
    return await directory.claim(found);
  } catch (error) {
    if (!mayWait) throw error;
    await fleet.changed(ASK_AGAIN_MS);
    return undefined;
  }
}

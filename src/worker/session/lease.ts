/**
 * The right of a worker to hold sessions, and who else has it.
 *
 * On one host the primary tells who lives, and kills a worker for good before it tells that it is gone: nothing more is
 * needed. Daemons on several hosts hear nothing of each other; there the right is a lease in the store they share. A
 * worker whose lease has run out, because it was stopped or cut off, has lost its name with it: what it holds is no
 * longer its own, and it goes on under the name of the next epoch.
 */

export interface Lease {
  /** The name this worker owns sessions under now. */
  me(): string;
  /** False while it must neither write nor answer for a session of the shared store. */
  holds(): boolean;
  /** Called at once when the lease is lost. */
  onLost(listener: () => void): void;
  /**
   * Where the owner of another daemon is reached; undefined when its lease is gone, which is for good.
   * @throws AppError STATE_UNAVAILABLE when that cannot be told
   */
  find(owner: string): Promise<{ readonly url: string } | undefined>;
  /** Gives the lease back. */
  close(): Promise<void>;
}

/** Where the primary's word is enough: it holds always, and other daemons of the store are gone. */
export function createLocalLease(me: string): Lease {
  return {
    me: () => me,
    holds: () => true,
    onLost: () => {},
    find: async () => undefined,
    close: async () => {},
  };
}

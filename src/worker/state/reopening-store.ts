/**
 * A store that may not be there yet: until it can be opened every call fails with the reason.
 *
 * It opens itself by being used, so nobody has to try it again: at most one try in ten seconds, so that a store that
 * stays away costs a request nothing. Whoever keeps records in it says in the log what they lose meanwhile.
 */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { StateStore } from './store.ts';

const OPEN_AGAIN_MS = 10_000;

/** @param open throws the reason why the store cannot be used now; tried at once */
export function createReopeningStore<Value, Store extends StateStore<Value>>(
  open: () => Store,
  clock: Pick<Clock, 'now'>,
): StateStore<Value> & { opened(): Store | undefined } {
  let store: Store | undefined;
  let failed: { readonly reason: unknown; readonly atMs: number } | undefined;
  let isClosed = false;
  const attempt = (): void => {
    try {
      store = open();
    } catch (reason) {
      failed = { reason, atMs: clock.now() };
    }
  };
  const now = async (): Promise<Store> => {
    if (isClosed) throw new AppError('STATE_UNAVAILABLE', { reason: 'it is closed' });
    if (store === undefined && clock.now() - (failed?.atMs ?? 0) >= OPEN_AGAIN_MS) attempt();
    if (store === undefined) throw failed?.reason;
    return store;
  };
  attempt();
  return {
    kind: 'shared',
    opened: () => store,
    get: async (key) => (await now()).get(key),
    create: async (key, value) => (await now()).create(key, value),
    replace: async (key, value, ifVersion) => (await now()).replace(key, value, ifVersion),
    remove: async (key, ifVersion) => (await now()).remove(key, ifVersion),
    page: async (after, limit) => (await now()).page(after, limit),
    count: async (prefix) => (await now()).count(prefix),
    check: async () => (await now()).check(),
    close: async () => {
      isClosed = true;
      await store?.close();
    },
  };
}

/**
 * A store that may not be there yet: until it can be opened every call fails with the reason, and each check tries again.
 */
import { AppError } from '../../shared/errors.ts';
import type { StateStore } from './store.ts';

/** @param open throws the reason why the store cannot be used now */
export function createReopeningStore<Value, Store extends StateStore<Value>>(
  open: () => Store,
): StateStore<Value> & { opened(): Store | undefined } {
  let store: Store | undefined;
  let isClosed = false;
  const opened = (): Store => {
    if (isClosed) throw new AppError('STATE_UNAVAILABLE', { reason: 'it is closed' });
    store ??= open();
    return store;
  };
  /** What is known now; nothing is tried, so that a store that stays away costs a request nothing. */
  let fault: unknown;
  const attempt = () => {
    try {
      fault = undefined;
      return opened();
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  const now = async (): Promise<Store> => {
    if (fault !== undefined) throw fault;
    return attempt();
  };
  return {
    kind: 'shared',
    opened: () => store,
    get: async (key) => (await now()).get(key),
    create: async (key, value) => (await now()).create(key, value),
    replace: async (key, value, ifVersion) => (await now()).replace(key, value, ifVersion),
    remove: async (key, ifVersion) => (await now()).remove(key, ifVersion),
    page: async (after, limit) => (await now()).page(after, limit),
    count: async (prefix) => (await now()).count(prefix),
    check: async () => attempt().check(),
    close: async () => {
      isClosed = true;
      await store?.close();
    },
  };
}

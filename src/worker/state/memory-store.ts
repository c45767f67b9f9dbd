/** A store in the memory of one worker: what is left when the shared one cannot be opened, and what stdio and tests use. */
import type { StateStore, Stored } from './store.ts';

export function createMemoryStore<Value>(): StateStore<Value> {
  const records = new Map<string, Stored<Value>>();
  return {
    kind: 'memory',
    get: async (key) => records.get(key),
    create: async (key, value) => {
      if (records.has(key)) return false;
      records.set(key, { key, value, version: 1 });
      return true;
    },
    replace: async (key, value, ifVersion) => {
      if (records.get(key)?.version !== ifVersion) return undefined;
      records.set(key, { key, value, version: ifVersion + 1 });
      return ifVersion + 1;
    },
    remove: async (key, ifVersion) => records.get(key)?.version === ifVersion && records.delete(key),
    page: async (after, limit) =>
      [...records.values()]
        .filter((record) => record.key > after)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit),
    count: async (prefix = '') => {
      if (prefix === '') return records.size;
      return [...records.keys()].filter((key) => key.startsWith(prefix)).length;
    },
    check: async () => {},
    close: async () => records.clear(),
  };
}

/**
 * What changed in this server's offer, told to every worker: lists of tools and resources, and single resources.
 *
 * A change is a hint to ask again; it holds no data. Nobody here watches Snowflake: a change is seen when a write passes
 * through, when an answer differs from the last one, or when workers of two configurations meet.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ClusterBus } from '../state/cluster-bus.ts';
import type { ResourceContext, Resources } from './resources.ts';

const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('resources') }),
  z.strictObject({ kind: z.literal('resource'), uri: z.string().max(4000) }),
  z.strictObject({ kind: z.literal('tools'), digest: z.string().max(64) }),
]);

export type Change = z.output<typeof changeSchema>;

export interface Changes {
  publish(change: Change): void;
  /** Hears the changes of all workers, its own included; returns the way to stop. */
  subscribe(listener: (change: Change) => void): () => void;
}

const TOPIC = 'mcp.changes';

export function createChanges(bus: ClusterBus): Changes {
  return {
    publish: (change) => bus.publish(TOPIC, change),
    subscribe: (listener) =>
      bus.subscribe(TOPIC, (body) => {
        const change = changeSchema.safeParse(body);
        if (change.success) listener(change.data);
      }),
  };
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

/** Answers that are remembered by their digest, to tell when the next one differs. */
const REMEMBERED_MAX = 1000;

/** The same resources; an answer that is not what it was is told as a change. */
export function withChanges(resources: Resources, changes: Changes): Resources {
  const digests = new Map<string, string>();
  const isOther = (key: string, value: unknown): boolean => {
    const [before, now] = [digests.get(key), digestOf(value)];
    digests.delete(key);
    digests.set(key, now);
    const [oldest] = digests.keys();
    if (digests.size > REMEMBERED_MAX && oldest !== undefined) digests.delete(oldest);
    return before !== undefined && before !== now;
  };
  return {
    complete: resources.complete,
    list: async (cursor, context) => {
      const list = await resources.list(cursor, context);
      if (isOther(keyFor(context, 'list', cursor), list)) changes.publish({ kind: 'resources' });
      return list;
    },
    read: async (uri, context) => {
      const text = await resources.read(uri, context);
      if (isOther(keyFor(context, 'read', uri), text)) changes.publish({ kind: 'resource', uri });
      return text;
    },
  };
}

/** Callers with other roles or logins see other objects: that their answers differ is no change. */
function keyFor({ caller: { role, identity } }: ResourceContext, what: string, which: string | undefined): string {
  return JSON.stringify([what, role, identity, which]);
}

/**
 * Whether a Redis or Valkey throws records away when its memory is full.
 *
 * Only `noeviction` keeps what sessions are promised: every record here has a time to live, so each other policy may take
 * a live one. INFO tells it also where CONFIG is forbidden, as with most hosted servers. Source: redis.io, "Key eviction".
 */
import type { Redis } from 'ioredis';
import type { Log } from '../../shared/log.ts';

export interface Eviction {
  readonly policy: string;
  /** 0: as much as the machine has. */
  readonly maxBytes: number;
}

/** Undefined when the text does not tell. */
export function evictionIn(info: string): Eviction | undefined {
  const policy = /^maxmemory_policy:([\w-]+)\s*$/m.exec(info)?.[1];
  const max = /^maxmemory:(\d+)\s*$/m.exec(info)?.[1];
  return policy === undefined || max === undefined ? undefined : { policy, maxBytes: Number(max) };
}

/** Warns in the log; never throws. */
export async function warnOfEviction(redis: Pick<Redis, 'info'>, url: string, log: Log): Promise<void> {
  const eviction = await redis.info('memory').then(evictionIn, () => undefined);
  if (eviction === undefined) {
    log.info('store.eviction_unknown', `the store at ${url} does not tell its maxmemory-policy; it must be noeviction`);
    return;
  }
  if (eviction.policy === 'noeviction') return;
  const when = eviction.maxBytes === 0 ? 'once it has a maxmemory' : `when ${eviction.maxBytes} bytes are full`;
  const says = `the store at ${url} may throw live sessions away ${when}: set its maxmemory-policy to noeviction`;
  log.warn('store.evicts', says, { policy: eviction.policy, maxmemory_bytes: eviction.maxBytes });
}

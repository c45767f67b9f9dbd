/**
 * The keys of `auth.api_keys`: which principal one stands for.
 *
 * They are compared as SHA-256 digests in constant time, all of them each time. A principal is a short digest of the
 * key, so that logs and session records never hold it. Such a key reads, writes what the policy opens, and sees metrics.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../shared/principal.ts';

export interface ApiKeys {
  readonly isRequired: boolean;
  /** Undefined for what is none of them. */
  find(key: string): Principal | undefined;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

export function createApiKeys(keys: readonly string[]): ApiKeys {
  const known = keys.map((key) => {
    const hash = digest(key);
    const principal: Principal = {
      id: `key:${hash.toString('hex').slice(0, 12)}`,
      scopes: ['read', 'write', 'metrics'],
    };
    return { hash, principal };
  });
  return {
    isRequired: known.length > 0,
    find: (given) => {
      const hash = digest(given);
      return known.reduce<Principal | undefined>(
        (found, key) => (timingSafeEqual(key.hash, hash) ? key.principal : found),
        undefined,
      );
    },
  };
}

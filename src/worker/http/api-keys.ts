/**
 * Client keys: which principal a request speaks for.
 *
 * Keys are compared as SHA-256 digests in constant time, all of them each time. A principal is a short digest of the
 * key, so that logs and session records never hold it. Keys in the address end up in logs of proxies: they are refused.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';

/** Principal of every caller while no key is configured. */
export const ANONYMOUS = 'anonymous';

export interface ApiKeys {
  readonly isRequired: boolean;
  /**
   * The caller's principal; undefined without a valid key.
   * @throws AppError BAD_REQUEST when the address carries a key
   */
  principalOf(request: IncomingMessage): string | undefined;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

const KEY_IN_QUERY = /[?&](api[_-]?key|key|token|access[_-]?token|authorization)=/i;

export function createApiKeys(keys: readonly string[], headerName: string): ApiKeys {
  const known = keys.map((key) => ({
    hash: digest(key),
    principal: `key:${digest(key).toString('hex').slice(0, 12)}`,
  }));
  const header = headerName.toLowerCase();
  return {
    isRequired: known.length > 0,
    principalOf: (request) => {
      if (KEY_IN_QUERY.test(request.url ?? '')) {
        throw new AppError('BAD_REQUEST', { reason: 'credentials do not belong into the address' });
      }
      if (known.length === 0) return ANONYMOUS;
      const bearer = /^bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
      const given = bearer ?? request.headers[header];
      if (typeof given !== 'string') return undefined;
      const hash = digest(given);
      return known.reduce<string | undefined>(
        (found, key) => (timingSafeEqual(key.hash, hash) ? key.principal : found),
        undefined,
      );
    },
  };
}

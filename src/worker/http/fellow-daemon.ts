/**
 * Which requests on the service port another daemon of the same store has handed on: those that bring the secret all of
 * them share. From anybody else the headers between daemons mean nothing and are taken away.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import { decodePrincipal, type Principal } from '../../shared/principal.ts';
import { PRINCIPAL_HEADER, SECRET_HEADER } from './proxy.ts';

export interface FellowDaemons {
  /**
   * Takes the headers between daemons off the request.
   * @returns the caller that a fellow names; undefined when the request is a client's own
   * @throws AppError UNAUTHENTICATED when the secret is another one, BAD_REQUEST when no caller is named
   */
  admit(request: IncomingMessage): Principal | undefined;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** @param secret undefined when sessions are not shared: then nobody is a fellow */
export function createFellowDaemons(secret: string | undefined): FellowDaemons {
  const expected = secret === undefined ? undefined : digest(secret);
  return {
    admit: (request) => {
      const given = request.headers[SECRET_HEADER];
      const encoded = request.headers[PRINCIPAL_HEADER];
      delete request.headers[SECRET_HEADER];
      delete request.headers[PRINCIPAL_HEADER];
      if (expected === undefined || given === undefined) return undefined;
      if (!timingSafeEqual(digest(String(given)), expected)) {
        throw new AppError('UNAUTHENTICATED', { reason: 'another daemon has another server.internal_secret' });
      }
      const principal = decodePrincipal(String(encoded));
      if (principal === undefined) throw new AppError('BAD_REQUEST', { reason: 'the first hop names no caller' });
      return principal;
    },
  };
}

/**
 * Who sends a request from outside: the keys it may carry, and the errors that tell a client what is missing.
 *
 * Credentials come in a header. In the address they would end up in the logs of proxies, so they are refused there.
 */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import { ANONYMOUS, hasScope, type Principal, type Scope } from '../../shared/principal.ts';
import type { ApiKeys } from './api-keys.ts';

export interface Authenticator {
  /** Some kind of client authentication is on; without it everybody is ANONYMOUS. */
  readonly isRequired: boolean;
  /** @throws AppError UNAUTHENTICATED, answered 401 with WWW-Authenticate */
  authenticate(request: IncomingMessage): Promise<Principal>;
}

/** @throws AppError INSUFFICIENT_SCOPE, answered 403 with WWW-Authenticate */
export function requireScope(principal: Principal, scope: Scope): void {
  if (!hasScope(principal, scope)) throw new AppError('INSUFFICIENT_SCOPE', { scope });
}

const IN_ADDRESS = /[?&](api[_-]?key|x-api-key|key|token|access[_-]?token|bearer|authorization)=/i;

/** @throws AppError BAD_REQUEST when the address carries a key or token, even a right one */
export function refuseCredentialsInAddress(url: string | undefined): void {
  if (!IN_ADDRESS.test(url ?? '')) return;
  throw new AppError('BAD_REQUEST', {
    reason: 'credentials do not belong into the address, where logs keep them',
    next: 'Send them as `Authorization: Bearer KEY`, and replace the key or token that was in the address.',
  });
}

/** The token of `Authorization: Bearer`, or what the key header holds; undefined without either. */
function credentialsOf(request: IncomingMessage, keyHeader: string): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1] ?? '';
  const given = request.headers[keyHeader];
  return typeof given === 'string' && given !== '' ? given : undefined;
}

export function createAuthenticator(options: { readonly keys: ApiKeys; readonly keyHeader: string }): Authenticator {
  const { keys } = options;
  const keyHeader = options.keyHeader.toLowerCase();
  return {
    get isRequired() {
      return keys.isRequired;
    },
    authenticate: async (request) => {
      if (!keys.isRequired) return ANONYMOUS;
      const given = credentialsOf(request, keyHeader);
      if (given === undefined) throw new AppError('UNAUTHENTICATED', { reason: 'no key was sent' });
      const principal = keys.find(given);
      if (principal === undefined) throw new AppError('UNAUTHENTICATED', { reason: 'the key is not known' });
      return principal;
    },
  };
}

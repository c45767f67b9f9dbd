/**
 * Who sends a request from outside: the keys and tokens it may carry, and the errors that tell a client what is missing.
 *
 * Credentials come in a header. In the address they would end up in the logs of proxies, so they are refused there.
 */
import type { IncomingMessage } from 'node:http';
import { bearerOf } from '../../shared/bearer.ts';
import { keyIdOf, looksLikeKey } from '../../shared/client-keys.ts';
import { AppError } from '../../shared/errors.ts';
import { ANONYMOUS, type Principal } from '../../shared/principal.ts';
import type { ApiKeys } from './api-keys.ts';
import type { KeyRing } from './key-ring.ts';
import { looksLikeToken, type TokenVerifier } from './oauth.ts';
import type { Challenges } from './resource-metadata.ts';

export interface Authenticator {
  /** Some kind of client authentication is on; without it everybody is ANONYMOUS. */
  readonly isRequired: boolean;
  /** @throws AppError UNAUTHENTICATED, answered 401 with WWW-Authenticate */
  authenticate(request: IncomingMessage): Promise<Principal>;
  /** Whether the credentials of a principal would still be taken, the clock aside. */
  isGood(principal: Principal): boolean;
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
  if (authorization !== undefined) return bearerOf(authorization) ?? '';
  const given = request.headers[keyHeader];
  return typeof given === 'string' && given !== '' ? given : undefined;
}

export interface AuthenticatorOptions {
  readonly keys: ApiKeys;
  readonly ring: Pick<KeyRing, 'isRequired' | 'find' | 'isGood'> | undefined;
  /** Undefined while no issuer of tokens is configured. */
  readonly tokens: Pick<TokenVerifier, 'verify'> | undefined;
  readonly challenges: Challenges;
  readonly keyHeader: string;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { keys, ring, tokens, challenges } = options;
  const header = options.keyHeader.toLowerCase();
  const isRequired = () => keys.isRequired || ring?.isRequired === true || tokens !== undefined;
  const find = async (given: string | undefined): Promise<Principal> => {
    if (given === undefined) throw new AppError('UNAUTHENTICATED', { reason: 'no key or token was sent' });
    const known = keys.find(given);
    if (known !== undefined) return known;
    if (ring !== undefined && looksLikeKey(given)) return ring.find(given);
    if (tokens !== undefined && looksLikeToken(given)) return tokens.verify(given);
    throw new AppError('UNAUTHENTICATED', { reason: 'the key is not known' });
  };
  return {
    get isRequired() {
      return isRequired();
    },
    authenticate: async (request) => {
      if (!isRequired()) return ANONYMOUS;
      const given = credentialsOf(request, header);
      try {
        return await find(given);
      } catch (error) {
        throw challenges.complete(error, given !== undefined);
      }
    },
    isGood: (principal) => {
      if (principal.id === ANONYMOUS.id) return !isRequired();
      return ring === undefined || keyIdOf(principal.id) === undefined || ring.isGood(principal);
    },
  };
}

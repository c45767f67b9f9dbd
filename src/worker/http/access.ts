/**
 * What a request may do here: by its credentials, by the unix socket it came over, or by where it comes from.
 *
 * Over the worker's own socket (a directory nobody else may enter) the sender is vouched for. A caller on this machine is
 * trusted with the operator's endpoints only while `admin.trust_loopback` says so and nothing hints at a proxy or a page
 * that speaks for somebody else.
 */
import type { IncomingMessage } from 'node:http';
import { isBearer } from '../../shared/bearer.ts';
import { AppError } from '../../shared/errors.ts';
import { hostName, isLoopback } from '../../shared/host-rule.ts';
import { hasScope, OPERATOR, type Principal, requireScope, type Scope } from '../../shared/principal.ts';
import type { Authenticator } from './authenticator.ts';
import type { Refusals } from './refusals.ts';
import type { Challenges } from './resource-metadata.ts';

export interface Access {
  /** Says who sent a request that came over the worker's own socket. */
  vouch(request: IncomingMessage, principal: Principal): void;
  /** For /mcp: who may only look at metrics has nothing to do there. @throws AppError UNAUTHENTICATED, INSUFFICIENT_SCOPE */
  clientOf(request: IncomingMessage): Promise<Principal>;
  /** @throws AppError INSUFFICIENT_SCOPE */
  requireOf(principal: Principal, scope: Scope): void;
  /**
   * For the operator's endpoints: the caller, if it has the scope or is trusted.
   * @throws AppError UNAUTHENTICATED, INSUFFICIENT_SCOPE
   */
  require(request: IncomingMessage, scope: Scope): Promise<Principal>;
  /** As `require`, for figures that a plain caller on this machine may see unless `admin.trust_loopback` is false. */
  requireToLook(request: IncomingMessage, scope: Scope): Promise<void>;
}

export interface AccessOptions {
  readonly authenticator: Authenticator;
  readonly challenges: Challenges;
  /** server.host */
  readonly host: string;
  readonly trustLoopback: boolean | 'auto';
  /** metrics.token */
  readonly metricsToken: string | undefined;
  readonly refusals: Refusals;
}

const FORWARDING = /^(?:forwarded|via|x-forwarded(?:-.+)?|x-real-ip|x-client-ip|x-original-.+|true-client-ip|cf-.+)$/;

/** Client authentication is off, and the caller is not on this machine or not plainly so. */
const NOT_TRUSTED = 'without client authentication only callers on this machine itself are answered here';

/** A caller on this machine itself, not one that a proxy or a page speaks for. */
export function isPlainLoopback(request: IncomingMessage): boolean {
  const { socket, headers } = request;
  // A socket that is gone has no address; nobody is trusted for that.
  if (socket.remoteAddress === undefined || !isLoopback(socket.remoteAddress)) return false;
  if (headers.origin !== undefined || Object.keys(headers).some((name) => FORWARDING.test(name))) return false;
  return isLoopback(hostName(headers.host ?? '') ?? '');
}

const SCRAPER: Principal = { id: 'metrics-token', scopes: ['metrics'] };

export function createAccess(options: AccessOptions): Access {
  const { authenticator, challenges, host, trustLoopback, metricsToken, refusals } = options;
  const vouched = new WeakMap<IncomingMessage, Principal>();
  const trustsLoopback = () =>
    trustLoopback === 'auto' ? isLoopback(host) && !authenticator.isRequired : trustLoopback;
  const authenticate = async (request: IncomingMessage): Promise<Principal> => {
    try {
      return await authenticator.authenticate(request);
    } catch (error) {
      refusals.note(error, request);
      throw error;
    }
  };
  const principalOf = async (request: IncomingMessage) => vouched.get(request) ?? (await authenticate(request));
  const requireOf = (principal: Principal, scope: Scope, request?: IncomingMessage): void => {
    try {
      requireScope(principal, scope);
    } catch (error) {
      refusals.note(error, request, principal.id);
      throw challenges.complete(error, true, principal.scopes);
    }
  };
  const require = async (request: IncomingMessage, scope: Scope): Promise<Principal> => {
    if (!vouched.has(request) && trustsLoopback() && isPlainLoopback(request)) return OPERATOR;
    if (scope === 'metrics' && isBearer(request.headers.authorization, metricsToken)) return SCRAPER;
    const principal = await principalOf(request);
    if (!authenticator.isRequired && !hasScope(principal, scope)) {
      const error = new AppError('UNAUTHENTICATED', { reason: NOT_TRUSTED });
      refusals.note(error, request);
      throw error;
    }
    requireOf(principal, scope, request);
    return principal;
  };
  return {
    vouch: (request, principal) => void vouched.set(request, principal),
    clientOf: async (request) => {
      const principal = await principalOf(request);
      if (!hasScope(principal, 'write')) requireOf(principal, 'read', request);
      return principal;
    },
    requireOf,
    require,
    requireToLook: async (request, scope) => {
      if (trustLoopback === false || !isPlainLoopback(request)) await require(request, scope);
    },
  };
}

/**
 * Who a caller is and what it may do, as the front door has found out: passed between workers and to the tools, never a
 * secret.
 *
 * `read` opens the tools, `write` execute_statement, `admin` the operator's endpoints, `metrics` the metrics, which
 * `admin` opens as well.
 */
import { z } from 'zod';
import { AppError } from './errors.ts';

export const SCOPES = ['read', 'write', 'admin', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

/** Bounds of one caller, below those of the configuration; what is left out is as configured. */
export interface PrincipalLimits {
  readonly maxRows?: number | undefined;
  readonly queryTimeoutMs?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly maxConcurrent?: number | undefined;
  readonly maxSessions?: number | undefined;
}

export interface Principal {
  /** Printable ASCII; sessions, submitted statements and limits are kept under it. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** When its credentials end, in milliseconds since 1970: streams and sockets end with them. */
  readonly expiresAtMs?: number | undefined;
  /** Snowflake role of its statements. */
  readonly role?: string | undefined;
  /** Login of `snowflake.identities` that its statements run under. */
  readonly identity?: string | undefined;
  readonly limits?: PrincipalLimits | undefined;
}

/** Every caller while client authentication is off. */
export const ANONYMOUS: Principal = { id: 'anonymous', scopes: ['read', 'write'] };
/** Whoever may open the files of the daemon: its own user, over the unix sockets. */
export const OPERATOR: Principal = { id: 'operator', scopes: SCOPES };
/** The one client of the stdio program. */
export const LOCAL: Principal = { id: 'local', scopes: ['read', 'write'] };

export function hasScope({ scopes }: Pick<Principal, 'scopes'>, scope: Scope): boolean {
  return scopes.includes(scope) || (scope === 'metrics' && scopes.includes('admin'));
}

/** @throws AppError INSUFFICIENT_SCOPE, over HTTP answered 403 with WWW-Authenticate */
export function requireScope(principal: Pick<Principal, 'scopes'>, scope: Scope): void {
  if (!hasScope(principal, scope)) throw new AppError('INSUFFICIENT_SCOPE', { scope });
}

const bound = z.number().int().min(1).optional();
/** What a credential may fix of its caller, in the forms of `Principal`. */
export const privilegesShape = {
  role: z.string().min(1).max(255).optional(),
  identity: z.string().min(1).max(64).optional(),
  limits: z
    .strictObject({
      maxRows: bound,
      queryTimeoutMs: bound,
      requestsPerMinute: bound,
      maxConcurrent: bound,
      maxSessions: bound,
    })
    .optional(),
};
const principalSchema = z.strictObject({
  id: z.string().regex(/^[\x21-\x7e]{1,120}$/),
  scopes: z.array(z.enum(SCOPES)).max(SCOPES.length),
  expiresAtMs: z.number().optional(),
  ...privilegesShape,
});

/** As the value of a header, for the next hop. */
export function encodePrincipal(principal: Principal): string {
  return Buffer.from(JSON.stringify(principal)).toString('base64url');
}

/** Undefined when it is not what `encodePrincipal` makes. */
export function decodePrincipal(encoded: string): Principal | undefined {
  try {
    return principalSchema.safeParse(JSON.parse(Buffer.from(encoded, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

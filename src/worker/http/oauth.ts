/**
 * OAuth 2.1 resource server: whose access token this is, and what it opens here.
 *
 * Accepted is a JWT of the one configured issuer, made for this server (audience), signed with an asymmetric algorithm
 * of the list, in its time. It is never handed on to Snowflake. RFC 6750, 8707, 9068 and 9728.
 */
import { createHash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import { type Principal, SCOPES, type Scope } from '../../shared/principal.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface TokenRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  readonly tokenTypes: readonly string[];
  /** The token's own scopes that every token must have. */
  readonly requiredScopes: readonly string[];
  /** From the token's scopes to ours. */
  readonly scopeMap: ReadonlyMap<string, readonly Scope[]>;
  readonly principalClaim: string;
  /** Claim that names the Snowflake role of the caller. */
  readonly roleClaim: string | undefined;
}

export interface TokenVerifier {
  readonly rules: TokenRules;
  /** @throws AppError UNAUTHENTICATED, INSUFFICIENT_SCOPE, ISSUER_UNREACHABLE */
  verify(token: string): Promise<Principal>;
}

const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_TOKEN = 12 * 1024;
const PLAIN_ID = /^[\w.@:|+/-]{1,80}$/;
const ROLE = /^[\x20-\x7e]{1,255}$/;

/** Undefined while no issuer is configured. */
export function tokenRules(auth: Config['auth']): TokenRules | undefined {
  if (auth.oauth_issuer === undefined) return undefined;
  const scopeMap = new Map<string, Scope[]>();
  for (const pair of auth.oauth_scope_map) {
    const at = pair.lastIndexOf('=');
    const [theirs, ours] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim() as Scope];
    if (SCOPES.includes(ours)) scopeMap.set(theirs, [...(scopeMap.get(theirs) ?? []), ours]);
  }
  return {
    issuer: auth.oauth_issuer,
    audience: auth.oauth_audience,
    algorithms: auth.oauth_algorithms,
    tokenTypes: auth.oauth_token_types.map((type) => type.toLowerCase()),
    requiredScopes: auth.oauth_required_scopes,
    scopeMap,
    principalClaim: auth.oauth_principal_claim,
    roleClaim: auth.oauth_role_claim,
  };
}

/** True for texts of the form of a signed JWT. */
export const looksLikeToken = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);

export function createTokenVerifier(rules: TokenRules, keys: Pick<IssuerKeys, 'find'>): TokenVerifier {
  return {
    rules,
    verify: async (token) => {
      if (token.length > MAX_TOKEN) throw unknown('the token is too long');
      const payload = await read(token, rules, keys);
      return principalOf(payload, rules);
    },
  };
}

async function read(token: string, rules: TokenRules, keys: Pick<IssuerKeys, 'find'>): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
      issuer: rules.issuer,
      audience: [...rules.audience],
      algorithms: [...rules.algorithms],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', rules.principalClaim],
    });
    const type = (protectedHeader.typ ?? 'jwt').toLowerCase().replace(/^application\//, '');
    if (!rules.tokenTypes.includes(type)) throw unknown('the token is of another type (typ)');
    return payload;
  } catch (error) {
    throw error instanceof AppError ? error : unknown(faultOf(error));
  }
}

const unknown = (reason: string) => new AppError('UNAUTHENTICATED', { reason });

/** In words that name the claim, never its value. */
function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const words: Readonly<Record<string, string>> = {
      aud: 'the token was made for another server (aud)',
      iss: 'the token was made by another issuer (iss)',
      nbf: 'the token is not valid yet (nbf)',
    };
    return words[error.claim] ?? `the token lacks the claim ${error.claim}, or it is wrong`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the token is signed with an algorithm that is not allowed (alg)';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token is signed with a key the issuer does not have (kid)';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong';
  return 'the token cannot be read';
}

function principalOf(payload: JWTPayload, rules: TokenRules): Principal {
  const theirs = scopesOf(payload);
  const missing = rules.requiredScopes.find((scope) => !theirs.includes(scope));
  if (missing !== undefined) throw new AppError('INSUFFICIENT_SCOPE', { scope: missing });
  const claim = payload[rules.principalClaim];
  if (typeof claim !== 'string' || claim === '') throw unknown(`the token lacks the claim ${rules.principalClaim}`);
  const role = rules.roleClaim === undefined ? undefined : payload[rules.roleClaim];
  if (rules.roleClaim !== undefined && !(typeof role === 'string' && ROLE.test(role))) {
    throw unknown(`the token names no Snowflake role (${rules.roleClaim})`);
  }
  const ours = new Set(theirs.flatMap((scope) => rules.scopeMap.get(scope) ?? []));
  return {
    id: `oauth:${idOf(claim)}`,
    scopes: SCOPES.filter((scope) => ours.has(scope)),
    // As long as a new request with it would be taken: what runs is not cut before.
    expiresAtMs: ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1000,
    ...(typeof role === 'string' ? { role } : {}),
  };
}

/** `#` stands in no plain one, so that a digest is never taken for a name. */
function idOf(claim: string): string {
  return PLAIN_ID.test(claim) ? claim : `#${createHash('sha256').update(claim).digest('hex').slice(0, 32)}`;
}

/** `scope` is a text (RFC 9068), `scp` a text or a list as some issuers write it. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  const words = (value: unknown): string[] => {
    if (typeof value === 'string') return value.split(' ');
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
  };
  return [...words(scope), ...words(scp)].filter(Boolean).slice(0, 200);
}

/**
 * What tells an OAuth client where to get a token for this server: the protected resource metadata (RFC 9728) and the
 * WWW-Authenticate header that points at them.
 */
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/principal.ts';
import type { TokenRules } from './oauth.ts';

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The address of MCP as clients know it. */
export function resourceOf({ auth, server }: Pick<Config, 'auth' | 'server'>): string {
  const address = auth.oauth_audience.find((audience) => /^https?:\/\//i.test(audience) && URL.canParse(audience));
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  const scheme = server.tls_cert === undefined ? 'http' : 'https';
  return auth.oauth_resource ?? address ?? `${scheme}://${host}:${server.port}/mcp`;
}

export function resourceMetadata(resource: string, { issuer, scopeMap }: TokenRules) {
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: [...scopeMap.keys()],
    bearer_methods_supported: ['header'],
    resource_name: 'Snowflake over MCP',
  };
}

export interface Challenges {
  /**
   * The same error with the header that helps the client on. A missing scope is named together with those the caller has:
   * clients ask for a token with what the header names and nothing else.
   * @param hasSent there were credentials, and they are wrong
   * @param held scopes of the caller
   */
  complete(error: unknown, hasSent: boolean, held?: readonly Scope[]): unknown;
}

/** @param rules undefined without OAuth: a bare challenge is all there is to say */
export function createChallenges(resource: string, rules: TokenRules | undefined): Challenges {
  const where = rules === undefined ? [] : [`resource_metadata="${metadataUrl(resource)}"`];
  const theirs = (scope: string) =>
    [...(rules?.scopeMap ?? [])].find(([, ours]) => ours.includes(scope as Scope))?.[0] ?? scope;
  const required = rules?.requiredScopes ?? [];
  const first = rules === undefined ? [] : [...new Set([...required, theirs('read')])];
  const written = (parts: readonly string[]) => (parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`);
  return {
    complete: (error, hasSent, held = []) => {
      if (!(error instanceof AppError)) return error;
      if (error.code === 'UNAUTHENTICATED') {
        const { details } = error as AppError<'UNAUTHENTICATED'>;
        const fault = hasSent
          ? ['error="invalid_token"', `error_description="${details.reason.replace(/["\\]/g, '')}"`]
          : [];
        const scope = first.length === 0 ? [] : [`scope="${first.join(' ')}"`];
        return new AppError('UNAUTHENTICATED', { ...details, challenge: written([...fault, ...scope, ...where]) });
      }
      if (error.code !== 'INSUFFICIENT_SCOPE') return error;
      const { details } = error as AppError<'INSUFFICIENT_SCOPE'>;
      const missing = required.includes(details.scope)
        ? first
        : [...required, ...held.map(theirs), theirs(details.scope)];
      const scope = [...new Set(rules === undefined ? [details.scope] : missing)].join(' ');
      const challenge = written(['error="insufficient_scope"', `scope="${scope}"`, ...where]);
      return new AppError('INSUFFICIENT_SCOPE', { ...details, challenge });
    },
  };
}

/** As RFC 9728 section 3.1 has it: between host and path. */
function metadataUrl(resource: string): string {
  return `${new URL(resource).origin}${metadataPath(resource)}`;
}

export function metadataPath(resource: string): string {
  const { pathname } = new URL(resource);
  return `${METADATA_PATH}${pathname === '/' ? '' : pathname.replace(/["\\]/g, '')}`;
}

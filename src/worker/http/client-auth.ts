/** Joins what finds out who callers are: keys of the configuration and of the file, tokens, and whatever ends with them. */
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/schema.ts';
import type { Facts, Log } from '../../shared/log.ts';
import { type Access, createAccess } from './access.ts';
import { createApiKeys } from './api-keys.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { KeyRing } from './key-ring.ts';
import { createTokenVerifier, tokenRules } from './oauth.ts';
import { createRefusals } from './refusals.ts';
import { createChallenges, resourceMetadata, resourceOf } from './resource-metadata.ts';
import { Standing } from './standing.ts';

export interface ClientAuthOptions {
  readonly config: Pick<Config, 'server' | 'auth' | 'admin' | 'metrics'>;
  /** The file of client keys; there need not be one. */
  readonly keysFile: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: (line: Facts) => void;
}

export interface ClientAuth {
  readonly authenticator: Authenticator;
  readonly access: Access;
  readonly standing: Standing;
  /** For OAuth clients; undefined while no issuer is configured. */
  readonly resourceMetadata: ReturnType<typeof resourceMetadata> | undefined;
  /** Seconds until the first client key expires; undefined when none does. */
  keyExpirySeconds(): number | undefined;
  start(): void;
  close(): void;
}

function issuerKeysOf(issuer: string, { config, clock, log }: Pick<ClientAuthOptions, 'config' | 'clock' | 'log'>) {
  const { oauth_jwks_url: jwksUrl, oauth_timeout: timeoutMs, oauth_refresh: refreshMs } = config.auth;
  return new IssuerKeys({ issuer, jwksUrl, timeoutMs, refreshMs, clock, log });
}

/** @throws AppError KEYS_UNUSABLE */
export function createClientAuth({ config, keysFile, clock, log, audit }: ClientAuthOptions): ClientAuth {
  const { auth, admin, server } = config;
  const ring = new KeyRing({ file: keysFile, clock, log });
  const rules = tokenRules(auth);
  const issuerKeys = rules && issuerKeysOf(rules.issuer, { config, clock, log });
  const resource = resourceOf(config);
  const challenges = createChallenges(resource, rules);
  const authenticator = createAuthenticator({
    keys: createApiKeys(auth.api_keys),
    ring,
    tokens: rules && issuerKeys && createTokenVerifier(rules, issuerKeys),
    challenges,
    keyHeader: auth.api_key_header,
  });
  const standing = new Standing({ clock, isGood: (principal) => authenticator.isGood(principal) });
  ring.onChange(() => standing.check());
  return {
    authenticator,
    access: createAccess({
      authenticator,
      challenges,
      host: server.host,
      trustLoopback: admin.trust_loopback,
      metricsToken: config.metrics.token,
      refusals: createRefusals({ audit, now: () => clock.now() }),
    }),
    standing,
    resourceMetadata: rules && resourceMetadata(resource, rules),
    keyExpirySeconds: () => ring.firstExpirySeconds(),
    start: () => {
      ring.start();
      standing.start();
      issuerKeys?.start();
    },
    close: () => {
      ring.close();
      standing.close();
      issuerKeys?.close();
    },
  };
}

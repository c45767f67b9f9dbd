/** Joins what finds out who callers are: keys of the configuration and of the file, and whatever ends with them. */
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/schema.ts';
import type { Log } from '../../shared/log.ts';
import { type Access, createAccess } from './access.ts';
import { createApiKeys } from './api-keys.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { KeyRing } from './key-ring.ts';
import { Standing } from './standing.ts';

export interface ClientAuthOptions {
  readonly config: Pick<Config, 'server' | 'auth' | 'admin'>;
  /** The file of client keys; there need not be one. */
  readonly keysFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ClientAuth {
  readonly authenticator: Authenticator;
  readonly access: Access;
  readonly standing: Standing;
  /** Seconds until the first client key expires; undefined when none does. */
  keyExpirySeconds(): number | undefined;
  start(): void;
  close(): void;
}

/** @throws AppError KEYS_UNUSABLE */
export function createClientAuth({ config, keysFile, clock, log }: ClientAuthOptions): ClientAuth {
  const { auth, admin, server } = config;
  const ring = new KeyRing({ file: keysFile, clock, log });
  const authenticator = createAuthenticator({
    keys: createApiKeys(auth.api_keys),
    ring,
    keyHeader: auth.api_key_header,
  });
  const standing = new Standing({ clock, isGood: (principal) => authenticator.isGood(principal) });
  ring.onChange(() => standing.check());
  return {
    authenticator,
    access: createAccess({ authenticator, host: server.host, trustLoopback: admin.trust_loopback }),
    standing,
    keyExpirySeconds: () => ring.firstExpirySeconds(),
    start: () => {
      ring.start();
      standing.start();
    },
    close: () => {
      ring.close();
      standing.close();
    },
  };
}

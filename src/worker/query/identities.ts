/**
 * What the statements of one Snowflake identity share: connections of its own, and what is known of where its logins put
 * a session. A caller's `role` or named login makes another identity.
 *
 * As many are remembered as pools are kept; a forgotten one is learned anew.
 */
import { type Identity, identityOf, type Pools } from '../pool/pools.ts';
import type { Execution } from '../snowflake/driver.ts';
import type { CallerFacts } from './audit.ts';
import type { RunParts } from './run.ts';

export interface IdentitiesOptions extends Omit<RunParts, 'pool' | 'home' | 'running'> {
  /** Statements that Snowflake has not ended yet, with the named login they run under. */
  readonly running: Map<Execution, string | undefined>;
  readonly pools: Pick<Pools, 'acquire'>;
  readonly snowflake: Identity['snowflake'];
  readonly max: number;
}

export class Identities {
  readonly #options: IdentitiesOptions;
  /** The least recently used first. */
  readonly #known = new Map<string, RunParts>();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /** For statements of this caller; without a role and a login of its own, of the configured identity. @throws AppError IDENTITY_UNKNOWN */
  partsFor({ role, identity: name }: Pick<CallerFacts, 'role' | 'identity'>): RunParts {
    const { pools, snowflake, max, running, ...shared } = this.#options;
    const identity = identityOf(snowflake, { role, identity: name });
    const known = this.#known.get(identity.key);
    const parts = known ?? {
      ...shared,
      pool: { acquire: (need, deadline, signal) => pools.acquire(identity, need, deadline, signal) },
      home: { state: undefined },
      running: {
        add: (execution: Execution) => running.set(execution, name),
        delete: (execution: Execution) => running.delete(execution),
      },
    };
    this.#known.delete(identity.key);
    this.#known.set(identity.key, parts);
    for (const key of this.#known.keys()) {
      if (this.#known.size <= max) break;
      this.#known.delete(key);
    }
    return parts;
  }
}

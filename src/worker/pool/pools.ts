/**
 * One pool per identity: whoever logs in differently, or under another role, never shares a session.
 *
 * Pools are made on first use. Beyond the bound the one that was not used for longest gives way, if nothing of it is
 * lent. Gauges tell the sum over all pools, that of the breaker the worst.
 */
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { PoolFigures } from '../../shared/ipc.ts';
import type { MetricName, Recorder } from '../../shared/metrics.ts';
import type { Driver } from '../snowflake/driver.ts';
import { type Health, type Lease, Pool, type PoolOptions } from './pool.ts';
import type { Need } from './rules.ts';

/** Who logs in. Two with the same key share a pool; no secret is in it. */
export interface Identity {
  readonly key: string;
  readonly snowflake: Config['snowflake'];
}

/** Of a named login nothing is taken from the configured one. */
const OWN_LOGIN = {
  connection_name: undefined,
  user: undefined,
  password: undefined,
  password_file: undefined,
  passcode: undefined,
  passcode_in_password: false,
  private_key: undefined,
  private_key_path: undefined,
  private_key_passphrase: undefined,
  private_key_passphrase_file: undefined,
  token: undefined,
  token_file_path: undefined,
  oauth_client_id: undefined,
  oauth_client_secret: undefined,
  oauth_client_secret_file: undefined,
  oauth_scope: undefined,
  workload_identity_provider: undefined,
  role: undefined,
} as const;

/**
 * The configured login or a named one, under another role where one is named.
 * @throws AppError IDENTITY_UNKNOWN
 */
export function identityOf(
  snowflake: Config['snowflake'],
  change: { readonly role?: string | undefined; readonly identity?: string | undefined } = {},
): Identity {
  const login = change.identity === undefined ? snowflake : namedLogin(snowflake, change.identity);
  const { role = login.role } = change;
  const name = change.identity === undefined ? '' : `identity ${change.identity} `;
  return { key: `${name}role ${role ?? ''}`, snowflake: role === undefined ? login : { ...login, role } };
}

function namedLogin(snowflake: Config['snowflake'], name: string): Config['snowflake'] {
  const named = Object.entries(snowflake.identities).find(([known]) => known === name)?.[1];
  if (named === undefined) throw new AppError('IDENTITY_UNKNOWN', { identity: name });
  const { warehouse = snowflake.warehouse, ...login } = named;
  return { ...snowflake, ...OWN_LOGIN, ...login, warehouse };
}

export interface PoolsOptions extends Omit<PoolOptions, 'driver'> {
  readonly driver: (identity: Identity) => Pick<Driver, 'connect'>;
  readonly maxIdentities: number;
}

export class Pools {
  readonly #options: PoolsOptions;
  /** The least recently used first. */
  readonly #pools = new Map<string, Pool>();
  readonly #gauges = new Map<MetricName, Map<string, number>>();
  readonly #endings = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(options: PoolsOptions) {
    this.#options = options;
    options.recorder.set('mcp_db_connections_max', options.limits.max);
    options.recorder.set('mcp_circuit_breaker_state', 0, { component: 'snowflake' });
  }

  /** As Pool.acquire, from the identity's own. @throws as it, and AppError POOL_FULL when too many identities are busy */
  async acquire(identity: Identity, need: Need, deadline: number, signal: AbortSignal): Promise<Lease> {
    if (this.#closing !== undefined) throw new AppError('POOL_CLOSED', {});
    return this.#of(identity).acquire(need, deadline, signal);
  }

  /** Forgets failed logins, so that the next call tries at once. */
  tryAgain(): void {
    for (const pool of this.#pools.values()) pool.tryAgain();
  }

  /** Every connection of every identity is replaced: idle ones now, lent ones after their statement. */
  replaceAll(): void {
    for (const pool of this.#pools.values()) pool.replaceAll();
  }

  /** Of the pool that was used last. */
  get health(): Health {
    return [...this.#pools.values()].at(-1)?.health ?? 'unknown';
  }

  figures(): PoolFigures {
    const all = [...this.#pools.values()].map((pool) => pool.figures());
    const sum = (of: (figures: PoolFigures) => number) => all.reduce((total, figures) => total + of(figures), 0);
    return {
      active: sum((one) => one.active),
      idle: sum((one) => one.idle),
      total: sum((one) => one.total),
      max: this.#options.limits.max * Math.max(1, all.length),
      waiting: sum((one) => one.waiting),
      peak: sum((one) => one.peak),
      oldestWaitMs: Math.max(0, ...all.map((one) => one.oldestWaitMs)),
    };
  }

  /** As Pool.close, all at once. May be called twice. */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= Promise.all([
      ...[...this.#pools.values()].map((pool) => pool.close(deadlineMs)),
      ...this.#endings,
    ]).then(() => undefined);
    return this.#closing;
  }

  #of(identity: Identity): Pool {
    const { key } = identity;
    const known = this.#pools.get(key);
    if (known === undefined && this.#pools.size >= this.#options.maxIdentities) this.#makeRoom();
    const { driver, ...options } = this.#options;
    const pool = known ?? new Pool({ ...options, driver: driver(identity), recorder: this.#recorderOf(key) });
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    return pool;
  }

  #makeRoom(): void {
    for (const [key, pool] of this.#pools) {
      const { active, waiting } = pool.figures();
      if (active + waiting > 0) continue;
      this.#pools.delete(key);
      const ending = pool.close(0).finally(() => {
        this.#endings.delete(ending);
        for (const values of this.#gauges.values()) values.delete(key);
      });
      this.#endings.add(ending);
      return;
    }
    throw new AppError('POOL_FULL', { waiting: this.figures().waiting });
  }

  #recorderOf(key: string): Recorder {
    const { recorder } = this.#options;
    return {
      count: (name, labels, by) => recorder.count(name, labels, by),
      observe: (name, value, labels) => recorder.observe(name, value, labels),
      set: (name, value, labels) => {
        const values = this.#gauges.get(name) ?? new Map<string, number>();
        this.#gauges.set(name, values.set(key, value));
        const all = [...values.values()];
        const isWorst = name === 'mcp_circuit_breaker_state';
        recorder.set(name, isWorst ? Math.max(...all) : all.reduce((sum, one) => sum + one, 0), labels);
      },
    };
  }
}

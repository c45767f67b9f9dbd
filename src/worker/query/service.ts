/**
 * Statements for the rest of the worker: the gate, the pool and the run of each statement behind one small face.
 *
 * `run` takes what clients write and gates it first; `catalog` takes this server's own metadata statements, which hold no
 * text of a client but binds and quoted names. Both leave the same records.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { PoolFigures } from '../../shared/ipc.ts';
import type { Facts, Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { type Health, Pool } from '../pool/pool.ts';
import type { Bind, Column, Driver } from '../snowflake/driver.ts';
import { createSdkDriver } from '../snowflake/sdk-driver.ts';
import type { CallerFacts } from './audit.ts';
import type { Cell } from './cells.ts';
import type { Truncation } from './collect.ts';
import { createGate, type Gate } from './gate.ts';
import { placeOf } from './place.ts';
import { type Decision, gatePolicy } from './policy.ts';
import { queryTag } from './query-tag.ts';
import { recordDecision, recordEnd } from './record.ts';
import { type Job, type Outcome, type RunParts, runJob } from './run.ts';
import { Stop } from './stop.ts';

export type { Cell } from './cells.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly binds?: readonly Bind[];
  /** As a caller writes it: see snowflake/identifier.ts. Without it the configured one. */
  readonly database?: string;
  readonly schema?: string;
  /** Cut to limits.max_rows. */
  readonly maxRows: number;
  readonly caller: CallerFacts;
}

export interface QueryResult {
  readonly queryId: string;
  readonly columns: readonly Column[];
  /** One JSON form per type: cells.ts. */
  readonly rows: readonly (readonly Cell[])[];
  /** Present when rows were left out. */
  readonly truncated?: Truncation;
  readonly durationMs: number;
  /** Where the statement ran. */
  readonly database?: string;
  readonly schema?: string;
  /** select, show, describe, explain, list, use or catalog. */
  readonly kind: string;
}

interface ProbeResult {
  readonly latencyMs: number;
  readonly account: string;
  readonly user: string;
  readonly role: string | null;
  readonly warehouse: string | null;
  readonly serverVersion: string;
}

export interface QueryService {
  /** Loads driver and parser; opens no connection, so it does not fail while Snowflake is down. */
  warm(): Promise<void>;
  /** @throws AppError SQL_REFUSED, SQL_ERROR, OBJECT_NOT_FOUND, QUERY_TIMEOUT, QUERY_CANCELLED, POOL_*, SNOWFLAKE_*, CONNECTION_LOST */
  run(request: QueryRequest, signal: AbortSignal): Promise<QueryResult>;
  /** As `run`, ungated: only for statements this server has written itself. */
  catalog(request: QueryRequest, signal: AbortSignal): Promise<QueryResult>;
  /** Asks Snowflake who we are, on a new connection if need be, even while earlier logins failed. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
  health(): Health;
  figures(): PoolFigures;
  /** Takes nothing new, lets statements end, cancels in Snowflake what is left near `deadlineMs`, ends all sessions. */
  close(deadlineMs: number): Promise<void>;
}

export interface QueryServiceOptions {
  readonly config: Pick<Config, 'snowflake' | 'pool' | 'limits' | 'policy'>;
  readonly log: Log;
  readonly audit: (line: Facts) => void;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly version: string;
}

export function createQueryService(options: QueryServiceOptions, driver: Driver = sdkDriver(options)): QueryService {
  return new Service(options, driver);
}

function sdkDriver({ config, log }: QueryServiceOptions): Driver {
  return createSdkDriver({ snowflake: config.snowflake, log });
}

/** Of the time a drain has, kept to cancel what still runs. */
const CANCEL_RESERVE_MS = 1500;

class Service implements QueryService {
  readonly #options: QueryServiceOptions;
  readonly #driver: Driver;
  readonly #gate: Gate;
  readonly #pool: Pool;
  readonly #parts: RunParts;
  readonly #running = new Map<Stop, Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(options: QueryServiceOptions, driver: Driver) {
    const { config, clock, recorder, log } = options;
    this.#options = options;
    this.#driver = driver;
    this.#gate = createGate({ ...gatePolicy(config.policy), maxLength: config.limits.max_sql_length });
    const { pool, limits } = config;
    // Each browser login opens a window on somebody's screen.
    const max = config.snowflake.authenticator === 'EXTERNALBROWSER' ? 1 : pool.max_size;
    this.#pool = new Pool({
      driver,
      clock,
      recorder,
      log,
      limits: {
        min: pool.min_size,
        max,
        maxWaiting: pool.max_waiting,
        maxInactiveMs: pool.max_inactive,
        healthCheckMs: pool.health_check,
        maxAgeMs: pool.max_age,
      },
    });
    this.#parts = {
      pool: this.#pool,
      clock,
      limits: {
        acquireMs: pool.acquire_timeout,
        queryMs: limits.query_timeout,
        resultBytes: limits.max_result_bytes,
      },
      home: { state: undefined },
      background: new Set(),
    };
  }

  async warm(): Promise<void> {
    await Promise.all([this.#driver.load(), this.#gate.warm()]);
  }

  async run(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    const decision = await this.#decide(request.sql);
    recordDecision(this.#options, request.caller, request.sql, decision);
    if (decision.verdict === 'refuse') {
      const { reason, detail, next } = decision;
      throw new AppError('SQL_REFUSED', { reason, detail, next });
    }
    return this.#perform(request, this.#job(request, decision), decision.kind, signal);
  }

  /** The parser may still load, or be on its way back after a text that broke it: that is waited for. */
  async #decide(sql: string): Promise<Decision> {
    const decision = this.#gate.check(sql);
    if (decision.verdict === 'allow' || decision.reason !== 'parser-unavailable') return decision;
    await this.#gate.warm();
    return this.#gate.check(sql);
  }

  async catalog(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    return this.#perform(request, this.#job(request, undefined), 'catalog', signal);
  }

  async probe(signal: AbortSignal): Promise<ProbeResult> {
    this.#pool.tryAgain();
    const caller = { tool: 'probe', requestId: 'probe', principal: 'operator' };
    const sql = 'SELECT CURRENT_ACCOUNT(), CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_VERSION()';
    const request = { sql, maxRows: 1, caller };
    const job = { ...this.#job(request, undefined), place: undefined };
    const { rows, durationMs } = await this.#perform(request, job, 'catalog', signal);
    const [account, user, role, warehouse, version] = (rows[0] ?? []).map((cell) =>
      cell === null ? null : String(cell),
    );
    return {
      latencyMs: Math.round(durationMs),
      account: account ?? '',
      user: user ?? '',
      role: role ?? null,
      warehouse: warehouse ?? null,
      serverVersion: version ?? '',
    };
  }

  health(): Health {
    return this.#pool.health;
  }

  figures(): PoolFigures {
    return this.#pool.figures();
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const end = clock.now() + deadlineMs;
    await within([...this.#running.values()], deadlineMs - CANCEL_RESERVE_MS);
    for (const stop of this.#running.keys()) stop.stop('drain');
    await within([...this.#running.values(), ...this.#parts.background], end - clock.now());
    await this.#pool.close(Math.max(0, end - clock.now()));
  }

  #job(request: QueryRequest, permission: (Decision & { verdict: 'allow' }) | undefined): Job {
    const { config, version } = this.#options;
    return {
      sql: request.sql,
      binds: request.binds,
      place: placeOf(request, config.snowflake.database),
      maxRows: Math.min(request.maxRows, config.limits.max_rows),
      isOneStep: permission === undefined || permission.segments.length === 1,
      changesSession: permission?.segments.includes('use') ?? false,
      queryTag: queryTag({ version, ...request.caller }),
    };
  }

  async #perform(request: QueryRequest, job: Job, kind: string, signal: AbortSignal): Promise<QueryResult> {
    if (this.#closing !== undefined) throw new AppError('POOL_CLOSED', {});
    const { clock } = this.#options;
    const startedAt = clock.now();
    const stop = new Stop(signal);
    let outcome: Outcome | undefined;
    let failure: AppError | undefined;
    const running = runJob(this.#parts, job, stop);
    this.#running.set(stop, running);
    try {
      outcome = await running;
      const { queryId, columns, rows, truncated, database, schema } = outcome;
      return {
        queryId,
        columns,
        rows,
        ...(truncated === undefined ? {} : { truncated }),
        durationMs: clock.now() - startedAt,
        ...(database === undefined ? {} : { database }),
        ...(schema === undefined ? {} : { schema }),
        kind,
      };
    } catch (error) {
      failure = error instanceof AppError ? error : new AppError('INTERNAL', { where: 'a query' }, { cause: error });
      throw failure;
    } finally {
      stop.end();
      this.#running.delete(stop);
      recordEnd(this.#options, request.caller, {
        kind,
        queryId: outcome?.queryId ?? (failure?.details as { queryId?: string } | undefined)?.queryId,
        rows: outcome?.rows.length ?? 0,
        bytes: outcome?.bytes ?? 0,
        durationMs: clock.now() - startedAt,
        truncated: outcome?.truncated,
        stopCause: stop.causeInSnowflake,
        error: failure,
      });
    }
  }
}

/** Waits until all have settled, or that long. */
async function within(promises: readonly Promise<unknown>[], ms: number): Promise<void> {
  if (promises.length === 0 || ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(promises), late]);
  clearTimeout(timer);
}

/**
 * Statements for the rest of the worker: the gate, the pool and the run of each statement behind one small face.
 *
 * `run` takes what clients write and gates it first; `catalog` takes this server's own metadata statements, which hold no
 * text of a client but binds and quoted names. Both leave the same records.
 */
import type { Clock } from '../../shared/clock.ts';
import { asksPerson } from '../../shared/config/credentials.ts';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { PoolFigures } from '../../shared/ipc.ts';
import type { Facts, Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import type { Health } from '../pool/pool.ts';
import { Pools } from '../pool/pools.ts';
import { countedDriver } from '../snowflake/counted-driver.ts';
import type { Driver, Execution } from '../snowflake/driver.ts';
import { createSdkDriver } from '../snowflake/sdk-driver.ts';
import { ActiveQueries, type ActiveQuery } from './active.ts';
import { Admission, type Permission } from './admission.ts';
import { Identities } from './identities.ts';
import { placeOf } from './place.ts';
import { gatePolicy } from './policy.ts';
import { queryTag } from './query-tag.ts';
import { recordRead, recordSubmitted } from './record.ts';
import { type QueryRequest, type QueryResult, withinCallerLimits } from './request.ts';
import type { Job, RunParts } from './run.ts';
import { Runs } from './runs.ts';
import { createSubmitted, type SubmittedStatements } from './submitted.ts';
import { runWrite } from './write-run.ts';

export type { Cell } from './cells.ts';
export type { QueryRequest, QueryResult } from './request.ts';

interface ProbeResult {
  readonly latencyMs: number;
  readonly account: string;
  readonly user: string;
  readonly role: string | null;
  readonly warehouse: string | null;
  readonly serverVersion: string;
}

/** What it takes to end a statement later. */
export interface RunningStatement {
  readonly queryId: string;
  /** Login of snowflake.identities that it runs under. */
  readonly identity?: string | undefined;
}

export interface QueryService {
  /** Loads driver and parser; opens no connection, so it does not fail while Snowflake is down. */
  warm(): Promise<void>;
  /** @throws AppError SQL_REFUSED, SQL_ERROR, OBJECT_NOT_FOUND, QUERY_TIMEOUT, QUERY_CANCELLED, POOL_*, SNOWFLAKE_*, CONNECTION_LOST */
  run(request: QueryRequest, signal: AbortSignal): Promise<QueryResult>;
  /** As `run`, ungated: only for statements this server has written itself. */
  catalog(request: QueryRequest, signal: AbortSignal): Promise<QueryResult>;
  /**
   * Starts a statement as `run` would and does not wait for it.
   * @throws as `run`, and TOO_MANY_SUBMITTED
   */
  submit(request: QueryRequest, signal: AbortSignal): Promise<{ readonly queryId: string; readonly kind: string }>;
  /** The kind of a statement that `write` would send. @throws AppError SQL_REFUSED */
  checkWrite(request: QueryRequest): Promise<string>;
  /**
   * Runs a statement that changes something, of a kind the policy opens, and never a second time.
   * @throws as `run`, and WRITE_OUTCOME_UNKNOWN when it was sent and nobody can tell what came of it
   */
  write(request: QueryRequest, signal: AbortSignal): Promise<QueryResult>;
  /** What became of submitted statements; whose they are is not asked here. */
  readonly submitted: Omit<SubmittedStatements, 'start' | 'close'>;
  /** Asks Snowflake who we are, on a new connection if need be, even while earlier logins failed. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
  health(): Health;
  figures(): PoolFigures;
  /** New connections for old ones, as after a change of credentials; statements that run end on theirs. */
  replaceConnections(): void;
  /** Statements that run now, as far as Snowflake has told their ids (it does for long ones). */
  running(): RunningStatement[];
  /** Statements of this worker that run now. */
  active(): readonly ActiveQuery[];
  /** Submitted statements of this worker that ended today (UTC). */
  completedToday(): number;
  /** Ends one of them, by its id or query id; false when there is none. */
  kill(id: string): Promise<boolean>;
  /** From now on a statement whose caller goes was stopped by the end of this worker, which ended the caller too. */
  outOfTime(): void;
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
  return new Service(options, countedDriver(driver, options.recorder));
}

function sdkDriver({ config, log }: QueryServiceOptions): Driver {
  return createSdkDriver({ snowflake: config.snowflake, log });
}

/** A login whose method opens a window or calls a phone does it each time, so there is one connection, when it is needed. */
function connectionsOf({ snowflake, pool }: QueryServiceOptions['config']): { min: number; max: number } {
  return asksPerson(snowflake) ? { min: 0, max: 1 } : { min: pool.min_size, max: pool.max_size };
}

function poolsOf(options: QueryServiceOptions, driver: Driver): Pools {
  const { config, clock, recorder, log } = options;
  const { pool } = config;
  return new Pools({
    driver: ({ snowflake }) => ({ connect: () => driver.connect(snowflake) }),
    maxIdentities: pool.max_identities,
    clock,
    recorder,
    log,
    limits: {
      ...connectionsOf(config),
      maxWaiting: pool.max_waiting,
      maxInactiveMs: pool.max_inactive,
      healthCheckMs: pool.health_check,
      maxAgeMs: pool.max_age,
    },
  });
}

class Service implements QueryService {
  readonly #options: QueryServiceOptions;
  readonly #driver: Driver;
  readonly #admission: Admission;
  readonly #pools: Pools;
  readonly #identities: Identities;
  readonly #running = new Map<Execution, string | undefined>();
  readonly #runs: Runs;
  readonly #active: ActiveQueries;
  readonly submitted: SubmittedStatements;
  #closing: Promise<void> | undefined;

  constructor(options: QueryServiceOptions, driver: Driver) {
    const { config, clock, recorder } = options;
    const { pool, limits, snowflake } = config;
    this.#options = options;
    this.#driver = driver;
    const policy = gatePolicy(config.policy, limits);
    this.#admission = new Admission({ ...options, policy, configured: snowflake });
    this.#pools = poolsOf(options, driver);
    const shared = {
      clock,
      limits: {
        acquireMs: pool.acquire_timeout,
        queryMs: limits.query_timeout,
        resultBytes: limits.max_result_bytes,
        cellBytes: limits.max_cell_bytes,
      },
      background: new Set<Promise<void>>(),
      running: this.#running,
    };
    this.#identities = new Identities({ ...shared, pools: this.#pools, snowflake, max: pool.max_identities });
    this.#active = new ActiveQueries(clock);
    this.#runs = new Runs({ shared, record: options, objects: policy.objects, active: this.#active });
    this.submitted = createSubmitted({
      partsFor: (identity) => this.#identities.partsFor({ identity }),
      timeoutMs: limits.submitted_timeout,
      maxKept: connectionsOf(config).max,
      onRead: (caller, page) => recordRead(options, caller, page),
      onEnded: (queryId) => this.#active.ended(queryId),
      onCancelled: (reason) => recorder.count('mcp_queries_cancelled_total', { reason }),
    });
  }

  async warm(): Promise<void> {
    await Promise.all([this.#driver.load(), this.#admission.warm()]);
  }

  async run(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    const permission = await this.#admission.read(request);
    return this.#perform(request, this.#job(withinCallerLimits(request), permission), permission.kind, signal);
  }

  async submit(request: QueryRequest, signal: AbortSignal) {
    const permission = await this.#admission.submitted(request);
    if (this.#closing !== undefined) throw new AppError('POOL_CLOSED', {});
    const { queryTimeoutMs: timeoutMs } = request.caller.limits ?? {};
    const job = { ...this.#job(request, permission), timeoutMs };
    const queryId = await this.submitted.start(this.#partsFor(request), job, signal);
    this.#active.submitted(queryId, request.caller, permission.kind);
    recordSubmitted(this.#options, request.caller, queryId, permission.kind);
    return { queryId, kind: permission.kind };
  }

  checkWrite(request: QueryRequest): Promise<string> {
    return this.#admission.checkWrite(request);
  }

  async write(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    const kind = await this.#admission.write(request);
    const job = this.#job(withinCallerLimits(request), undefined);
    return runWrite(request, kind, (more) => this.#perform(request, { ...job, ...more }, kind, signal));
  }

  async catalog(request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    await this.#admission.catalog(request);
    return this.#perform(request, this.#job(request, undefined), 'catalog', signal);
  }

  async probe(signal: AbortSignal): Promise<ProbeResult> {
    this.#pools.tryAgain();
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
    return this.#pools.health;
  }

  figures(): PoolFigures {
    return this.#pools.figures();
  }

  replaceConnections(): void {
    this.#pools.replaceAll();
  }

  running(): RunningStatement[] {
    return [...this.#running].flatMap(([execution, identity]) => {
      const queryId = execution.queryId();
      return queryId === undefined ? [] : [{ queryId, identity }];
    });
  }

  active(): readonly ActiveQuery[] {
    return this.#active.list(this.submitted.kept());
  }

  completedToday(): number {
    return this.#active.completedToday();
  }

  kill(id: string): Promise<boolean> {
    return this.#active.kill(id, this.submitted);
  }

  outOfTime(): void {
    this.#runs.outOfTime();
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const end = clock.now() + deadlineMs;
    await this.#runs.end(deadlineMs);
    await this.submitted.close();
    await this.#pools.close(Math.max(0, end - clock.now()));
  }

  #job(request: QueryRequest, permission: Permission | undefined): Job {
    const { config, version } = this.#options;
    return {
      sql: request.sql,
      binds: request.binds,
      place: placeOf(request, config.snowflake.database),
      maxRows: Math.min(request.maxRows, config.limits.max_rows),
      timeoutMs: Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, config.limits.query_timeout),
      isOneStep: permission === undefined || permission.segments.length === 1,
      changesSession: permission?.segments.includes('use') ?? false,
      queryTag: queryTag({ version, ...request.caller }),
      report: request.report,
      attachTo: request.attachTo,
      onStatement: request.onStatement,
    };
  }

  async #perform(request: QueryRequest, job: Job, kind: string, signal: AbortSignal): Promise<QueryResult> {
    if (this.#closing !== undefined) throw new AppError('POOL_CLOSED', {});
    return this.#runs.run({ parts: this.#partsFor(request), job, kind }, request, signal);
  }

  #partsFor({ caller }: QueryRequest): RunParts {
    return this.#identities.partsFor(caller);
  }
}

/**
 * The statements whose callers wait now: each is run, turned into a result and recorded, and all can be ended together.
 */
import { AppError } from '../../shared/errors.ts';
import type { ActiveQueries } from './active.ts';
import type { ObjectPolicy } from './objects.ts';
import { type RecordParts, recordEnd } from './record.ts';
import type { QueryRequest, QueryResult } from './request.ts';
import { type Job, type Outcome, type RunParts, runJob } from './run.ts';
import { Stop, type StopCause } from './stop.ts';
import { orLate } from './waiting.ts';

export interface RunsOptions {
  readonly shared: Pick<RunParts, 'clock' | 'background'>;
  readonly record: RecordParts;
  readonly active: ActiveQueries;
  readonly objects: ObjectPolicy;
}

/** Of the time a drain has, kept to cancel what still runs. */
const CANCEL_RESERVE_MS = 1500;

/** Snowflake's SHOW leaves out what is beyond this many objects, and does not say so. */
const SHOW_MAX = 10_000;
const FULL_LIST = { limit: 'rows', max: SHOW_MAX } as const;

interface Run {
  readonly parts: RunParts;
  readonly job: Job;
  /** Of the statement, for the records. */
  readonly kind: string;
}

export class Runs {
  readonly #options: RunsOptions;
  readonly #running = new Map<Stop, Promise<unknown>>();
  #isOutOfTime = false;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** @throws as runJob */
  async run({ parts, job, kind }: Run, request: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    const { record, active } = this.#options;
    const startedAt = parts.clock.now();
    const stop = new Stop(signal);
    let outcome: Outcome | undefined;
    let failure: AppError | undefined;
    const about = { caller: request.caller, kind, stop };
    const running = active.watch(about, job, (watched) => runJob(parts, watched, stop));
    this.#running.set(stop, running);
    try {
      outcome = await running;
      return this.#resultOf(outcome, kind, parts.clock.now() - startedAt);
    } catch (error) {
      failure = error instanceof AppError ? error : new AppError('INTERNAL', { where: 'a query' }, { cause: error });
      throw failure;
    } finally {
      stop.end();
      this.#running.delete(stop);
      recordEnd(record, request.caller, {
        kind,
        queryId: outcome?.queryId ?? (failure?.details as { queryId?: string } | undefined)?.queryId,
        rows: outcome?.rows.length ?? 0,
        bytes: outcome?.bytes ?? 0,
        durationMs: parts.clock.now() - startedAt,
        truncated: outcome?.truncated,
        cutCells: outcome?.cutCells,
        stopCause: this.#causeOf(stop),
        error: failure,
      });
    }
  }

  /** Callers that go from now on were cut off by the end of this worker. */
  outOfTime(): void {
    this.#isOutOfTime = true;
  }

  /** Lets statements end, stops what is left near the deadline, and waits for what is cancelled behind answers. */
  async end(deadlineMs: number): Promise<void> {
    const { clock, background } = this.#options.shared;
    const end = clock.now() + deadlineMs;
    await within([...this.#running.values()], deadlineMs - CANCEL_RESERVE_MS);
    for (const stop of this.#running.keys()) stop.stop('drain');
    await within([...this.#running.values(), ...background], end - clock.now());
  }

  #causeOf({ causeInSnowflake: cause }: Stop): StopCause | undefined {
    return cause === 'client' && this.#isOutOfTime ? 'drain' : cause;
  }

  /** Lists tell only of objects that the lists of the policy let through. */
  #resultOf(outcome: Outcome, kind: string, durationMs: number): QueryResult {
    const { queryId, columns, cutCells, database, schema } = outcome;
    const isList = kind === 'show' || kind === 'catalog';
    const mayShow = isList ? this.#options.objects.rowFilter(columns.map((column) => column.name)) : undefined;
    const rows = mayShow === undefined ? outcome.rows : outcome.rows.filter(mayShow);
    const truncated = outcome.truncated ?? (isList && outcome.rows.length >= SHOW_MAX ? FULL_LIST : undefined);
    return {
      queryId,
      columns,
      rows,
      ...(truncated === undefined ? {} : { truncated }),
      ...(cutCells === undefined ? {} : { cutCells }),
      durationMs,
      ...(database === undefined ? {} : { database }),
      ...(schema === undefined ? {} : { schema }),
      kind,
    };
  }
}

/** Waits until all have settled, or that long. */
async function within(promises: readonly Promise<unknown>[], ms: number): Promise<void> {
  if (promises.length > 0 && ms > 0) await orLate(Promise.allSettled(promises), ms);
}

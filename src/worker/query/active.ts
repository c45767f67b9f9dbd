/**
 * The statements of this worker that run now, for operators who look for what holds a connection, and who end it.
 *
 * A statement has a name here from its first moment; Snowflake's query id is known later, and ends it as well. Submitted
 * ones are listed by the worker that keeps their session. No text of a statement is kept.
 */
import type { Clock } from '../../shared/clock.ts';
import type { CallerFacts } from './audit.ts';
import type { Job } from './run.ts';
import type { Stop } from './stop.ts';
import type { SubmittedStatements } from './submitted.ts';

export interface ActiveQuery {
  /** Unique in this worker. */
  readonly id: string;
  /** Snowflake's, as soon as it is known. */
  readonly queryId: string | null;
  readonly caller: CallerFacts;
  /** Of the statement: select, show, catalog ... */
  readonly kind: string;
  readonly startedAtMs: number;
  /** `waiting` for a connection; `submitted` runs although nobody waits. */
  readonly state: 'waiting' | 'running' | 'reading' | 'submitted';
}

interface Entry {
  readonly caller: CallerFacts;
  readonly kind: string;
  readonly startedAtMs: number;
}

interface Watched extends Entry {
  readonly stop: Stop;
  state: ActiveQuery['state'];
  queryId: () => string | undefined;
}

export class ActiveQueries {
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();
  /** By query id; those that are over leave with the next look. */
  readonly #submitted = new Map<string, Entry>();
  #last = 0;
  #completed = { day: '', count: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs a statement under a name; `work` gets the job that tells how far it is. */
  async watch<T>(
    about: { readonly caller: CallerFacts; readonly kind: string; readonly stop: Stop },
    job: Job,
    work: (job: Job) => Promise<T>,
  ): Promise<T> {
    const id = String(++this.#last);
    const startedAtMs = this.#clock.wall().getTime();
    const entry: Watched = { ...about, startedAtMs, state: 'waiting', queryId: () => undefined };
    this.#watched.set(id, entry);
    try {
      return await work({
        ...job,
        onStatement: (queryId) => {
          entry.state = 'running';
          entry.queryId = queryId;
          job.onStatement?.(queryId);
        },
        onRows: () => {
          entry.state = 'reading';
        },
      });
    } finally {
      this.#watched.delete(id);
    }
  }

  submitted(queryId: string, caller: CallerFacts, kind: string): void {
    this.#submitted.set(queryId, { caller, kind, startedAtMs: this.#clock.wall().getTime() });
  }

  /** A submitted statement is over. */
  ended(queryId: string): void {
    this.#submitted.delete(queryId);
    const day = this.#day();
    this.#completed = { day, count: this.completedToday() + 1 };
  }

  /** Submitted statements that ended today (UTC). */
  completedToday(): number {
    return this.#completed.day === this.#day() ? this.#completed.count : 0;
  }

  #day(): string {
    return this.#clock.wall().toISOString().slice(0, 10);
  }

  /** @param kept query ids of submitted statements that may still run */
  list(kept: readonly string[]): readonly ActiveQuery[] {
    for (const queryId of this.#submitted.keys()) if (!kept.includes(queryId)) this.#submitted.delete(queryId);
    const watched = [...this.#watched].map(([id, { caller, kind, startedAtMs, state, queryId }]) => {
      return { id, queryId: queryId() ?? null, caller, kind, startedAtMs, state };
    });
    const submitted = [...this.#submitted].map(([queryId, entry]) => {
      return { id: queryId, queryId, ...entry, state: 'submitted' as const };
    });
    return [...watched, ...submitted];
  }

  /** Ends a statement by its name or query id; false when none of this worker has it. */
  async kill(id: string, submitted: Pick<SubmittedStatements, 'cancel'>): Promise<boolean> {
    const found = [...this.#watched].find(([name, { queryId }]) => name === id || queryId() === id);
    if (found !== undefined) found[1].stop.stop('operator');
    else if (this.#submitted.has(id)) await submitted.cancel(id, 'operator', this.#submitted.get(id)?.caller.identity);
    else return false;
    return true;
  }
}

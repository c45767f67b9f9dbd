/**
 * Logged-in sessions: tokens, their expiry, and the order in which a session's statements run.
 *
 * One session is one DuckDB connection, so its statements run one after the other (Snowflake would run them
 * side by side). Tokens are 256 random bits and are known only here. Sessions are bounded in number; an idle
 * one is closed after `idleMs`, unless a statement of it still runs.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Engine } from '../engine.ts';
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession } from '../statement.ts';

export interface SessionLimits {
  readonly maxSessions: number;
  readonly idleMs: number;
  readonly tokenValidityMs: number;
}

export interface SessionRecord {
  readonly session: EmbeddedSession;
  readonly masterToken: string;
  sessionToken: string;
  tokenEndsAt: number;
  lastUsedAt: number;
  /** Statements that run or wait. */
  pending: number;
  /** Settles when the last of them has ended. */
  tail: Promise<void>;
}

export type TokenFound =
  | { readonly kind: 'live'; readonly record: SessionRecord }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

export class Sessions {
  readonly #engine: Engine;
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  readonly #byMaster = new Map<string, SessionRecord>();
  readonly #bySession = new Map<string, SessionRecord>();
  readonly #endSession: (session: EmbeddedSession) => Promise<void>;
  readonly #closing = new Set<Promise<void>>();
  #opening = 0;

  /** `endSession` clears what a session leaves behind, before its connection is closed. */
  constructor(
    engine: Engine,
    limits: SessionLimits,
    clock: Clock,
    endSession: (session: EmbeddedSession) => Promise<void>,
  ) {
    this.#endSession = endSession;
    this.#engine = engine;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws SnowflakeError at the bound of sessions. */
  async open(user: string, parameters: Map<string, string>): Promise<SessionRecord> {
    if (this.#byMaster.size + this.#opening >= this.#limits.maxSessions) {
      throw new SnowflakeError(
        '000603',
        'XX000',
        `The embedded engine holds ${this.#limits.maxSessions} sessions, its most.`,
      );
    }
    this.#opening++;
    try {
      const connection = await this.#engine.connect();
      const session: EmbeddedSession = {
        id: String(randomInt(1e11, 2 ** 47)),
        user,
        connection,
        database: undefined,
        schema: undefined,
        warehouse: 'DEMO_WH',
        role: 'DEMO_ROLE',
        parameters,
        variables: new Map(),
        queryIds: [],
      };
      const record: SessionRecord = {
        session,
        masterToken: newToken(),
        sessionToken: newToken(),
        tokenEndsAt: this.#clock.now() + this.#limits.tokenValidityMs,
        lastUsedAt: this.#clock.now(),
        pending: 0,
        tail: Promise.resolve(),
      };
      this.#byMaster.set(record.masterToken, record);
      this.#bySession.set(record.sessionToken, record);
      return record;
    } finally {
      this.#opening--;
    }
  }

  find(sessionToken: string): TokenFound {
    const record = this.#bySession.get(sessionToken);
    if (record === undefined) return { kind: 'unknown' };
    if (this.#clock.now() >= record.tokenEndsAt) return { kind: 'expired' };
    record.lastUsedAt = this.#clock.now();
    return { kind: 'live', record };
  }

  /** Lets a session token end before its time. */
  expire(sessionToken: string): void {
    const record = this.#bySession.get(sessionToken);
    if (record !== undefined) record.tokenEndsAt = this.#clock.now();
  }

  /** A new session token for the holder of the master token; the old one is then unknown. */
  renew(masterToken: string): SessionRecord | undefined {
    const record = this.#byMaster.get(masterToken);
    if (record === undefined) return undefined;
    this.#bySession.delete(record.sessionToken);
    record.sessionToken = newToken();
    record.tokenEndsAt = this.#clock.now() + this.#limits.tokenValidityMs;
    record.lastUsedAt = this.#clock.now();
    this.#bySession.set(record.sessionToken, record);
    return record;
  }

  /** Forgets the tokens at once and closes the connection after the statements that still run on it. */
  close(record: SessionRecord): Promise<void> {
    this.#byMaster.delete(record.masterToken);
    this.#bySession.delete(record.sessionToken);
    const closing = this.#end(record);
    this.#closing.add(closing);
    return closing.finally(() => this.#closing.delete(closing));
  }

  /** Settles when every session that is being closed has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing);
  }

  async #end(record: SessionRecord): Promise<void> {
    await record.tail;
    await this.#endSession(record.session);
    record.session.connection.close();
  }

  sweep(): void {
    const before = this.#clock.now() - this.#limits.idleMs;
    for (const record of this.all()) {
      if (record.pending === 0 && record.lastUsedAt < before) void this.close(record);
    }
  }

  all(): SessionRecord[] {
    return [...this.#byMaster.values()];
  }
}

/** Runs `work` when the session's earlier statements have ended; `signal` gives up waiting, not the work. */
export async function inTurn<T>(record: SessionRecord, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = record.tail;
  let leave: () => void = () => {};
  const mine = new Promise<void>((resolve) => {
    leave = resolve;
  });
  record.tail = before.then(() => mine);
  record.pending++;
  try {
    await unlessAborted(before, signal);
    return await work();
  } finally {
    record.pending--;
    leave();
  }
}

async function unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

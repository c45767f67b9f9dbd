/**
 * Joins the parts of the embedded Snowflake: engine, catalog, SQL and protocol.
 *
 * Used by the child process (main.ts) and, in the same form, by tests in their own process. The catalog is
 * built before the engine's settings are locked and before the port is opened, so whoever connects finds it whole.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { EmbeddedStartOptions } from '../shared/embedded-ipc.ts';
import { createEngine, type Engine } from './engine.ts';
import { readCredentials } from './protocol/auth.ts';
import { Faults } from './protocol/faults.ts';
import { Queries } from './protocol/queries.ts';
import { type QueryLogEntry, QueryStore } from './protocol/query-store.ts';
import { listen, type ProtocolServer } from './protocol/server.ts';
import { Sessions } from './protocol/sessions.ts';
import { executeStatement, prepareCatalog } from './sql/execute.ts';
import { endSession } from './sql/temporary.ts';

export interface EmbeddedSnowflake {
  readonly port: number;
  /** What the driver takes as `accessUrl`. */
  readonly url: string;
  /** The last 1,000 queries, oldest first. */
  queries(): QueryLogEntry[];
  /** Plans of what goes wrong; the same as over `/embedded/faults`. */
  readonly faults: Faults;
  /** Cancels what runs, closes every session, frees the port. May be called twice. */
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 10_000;

/** @throws Error when no credential is given, @duckdb/node-api is missing, or the port is taken. */
export async function startEmbedded(
  options: EmbeddedStartOptions,
  clock: Clock = systemClock,
): Promise<EmbeddedSnowflake> {
  const { host = '127.0.0.1', port = 0, delayMs = 0, longPollMs = 45_000 } = options;
  const { tokenValidityMs = 3_600_000, sessionIdleMs = 14_400_000, maxSessions = 512 } = options;
  const { resultKeepMs = 600_000, maxResultBytes = 128 * 1024 * 1024 } = options;
  const credentials = readCredentials(options);
  const engine = await createEngine(options);
  try {
    await prepareCatalog(engine);
    await engine.lock();
    const sessions = new Sessions(engine, { maxSessions, idleMs: sessionIdleMs, tokenValidityMs }, clock, endSession);
    const store = new QueryStore({ maxResults: 256, maxResultBytes, resultKeepMs }, clock);
    const queries = new Queries(executeStatement, store, clock, delayMs);
    const faults = new Faults();
    const limits = { tokenValidityMs, sessionIdleMs, longPollMs, controlToken: options.controlToken };
    const server = await listen(
      { credentials, sessions, store, queries, faults, execute: executeStatement, clock, ...limits },
      host,
      port,
    );
    const sweeper = setInterval(() => {
      sessions.sweep();
      store.sweep();
    }, SWEEP_EVERY_MS);
    sweeper.unref();
    let closing: Promise<void> | undefined;
    const close = () => {
      clearInterval(sweeper);
      closing ??= closeAll(server, sessions, queries, engine);
      return closing;
    };
    const url = `http://${urlHost(host)}:${server.port}`;
    return { port: server.port, url, queries: () => store.log(), faults, close };
  } catch (error) {
    engine.close();
    throw error;
  }
}

/** A statement that will not be interrupted is not waited for longer than this. */
const CLOSE_WITHIN_MS = 3_000;

async function closeAll(server: ProtocolServer, sessions: Sessions, queries: Queries, engine: Engine): Promise<void> {
  const records = sessions.all();
  for (const { session } of records) queries.cancelSession(session.id);
  for (const record of records) void sessions.close(record);
  const ended = sessions.settled();
  const late = new AbortController();
  await Promise.race([ended, sleep(CLOSE_WITHIN_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
  await server.close();
  engine.close();
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * What the stdio program does once stdout is its own: joins the parts and serves one session. Ends cleanly when the client
 * closes stdin, closes the pipe, or on SIGTERM and SIGINT; statements that run are then cancelled in Snowflake.
 */
import { systemClock } from '../shared/clock.ts';
import { requireCredentials } from '../shared/config/credentials.ts';
import { withEmbedded } from '../shared/config/embedded-account.ts';
import { loadConfig } from '../shared/config/load.ts';
import type { Config } from '../shared/config/schema.ts';
import { type EmbeddedChild, startEmbeddedChild } from '../shared/embedded-child.ts';
import { toAppError } from '../shared/errors.ts';
import { EXIT } from '../shared/exit-codes.ts';
import { createLog, type Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import { VERSION } from '../shared/version.ts';
import { createMcpService } from './mcp-service.ts';
import { createQueryService } from './query/service.ts';
import { createClusterBus } from './state/cluster-bus.ts';
import { openStdioSession, type StdioSession } from './stdio-session.ts';

const CLOSE_MS = 3000;
/** How long answers may take after the client has closed stdin. */
const ANSWERS_MS = 2000;
const IDLE_POLL_MS = 10;
/** How long a client that has closed stdin may take to read them. */
const READING_MS = 30_000;

/** One process has nobody to tell its metrics to. */
const noMetrics: Recorder = { count: () => {}, set: () => {}, observe: () => {} };

export interface Stdout {
  write(text: string): void;
  /** Resolves when the client has taken all of it, or has gone. */
  written(): Promise<void>;
}

/** Of the command line. */
export interface StdioFlags {
  readonly demo: boolean;
  readonly config?: string | undefined;
  readonly env?: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

function load(flags: StdioFlags): { config: Config; warnings: readonly string[] } {
  return loadConfig(
    {
      cwd: process.cwd(),
      ...(flags.config === undefined ? {} : { configFile: flags.config }),
      ...(flags.env === undefined ? {} : { environment: flags.env }),
      flags: {},
      demo: flags.demo,
    },
    process.env,
  );
}

async function resolveAccount(config: Config, isDemo: boolean, log: Log) {
  if (!isDemo) {
    requireCredentials(config);
    return { config, child: undefined };
  }
  const child: EmbeddedChild = await startEmbeddedChild({ log });
  return { config: withEmbedded(config, child.endpoint), child };
}

/** After the end of stdin, requests that were read get their answers, within a bound. */
async function whenIdle(busy: () => number): Promise<void> {
  const end = systemClock.now() + ANSWERS_MS;
  while (busy() > 0 && systemClock.now() < end) await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
}

async function serve(flags: StdioFlags, stdout: Stdout): Promise<void> {
  let leave: () => void = () => {};
  process.stdout.on('error', () => leave());
  const log = createLog({ level: flags.logLevel, format: 'text', stream: process.stderr });
  const loaded = load(flags);
  for (const warning of loaded.warnings) log.warn('config.warning', warning);
  const { config, child } = await resolveAccount(loaded.config, flags.demo, log);
  const audit = () => {};
  const query = createQueryService({ config, log, audit, recorder: noMetrics, clock: systemClock, version: VERSION });
  const mcp = createMcpService({
    config,
    version: VERSION,
    query,
    handleStore: undefined,
    bus: createClusterBus({ carriers: [], maxWaiting: config.state.event_backlog, recorder: noMetrics }),
    log,
    audit,
    recorder: noMetrics,
    clock: systemClock,
  });
  mcp.handles.start();
  let session: StdioSession | undefined;
  let isLeaving = false;
  leave = () => {
    if (isLeaving) return;
    isLeaving = true;
    setTimeout(() => process.exit(EXIT.ok), CLOSE_MS).unref();
    Promise.resolve(session?.close())
      .then(() => mcp.handles.close())
      .then(() => query.close(CLOSE_MS / 2))
      .then(() => child?.close())
      .catch((error: unknown) => log.warn('stdio.close_failed', 'closing', { error }))
      .finally(() => process.exit(EXIT.ok));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, leave);
  await query.warm();
  // Listening to the end before what there is to read is read: a client may have said all and gone.
  const finish = async () => {
    await whenIdle(() => session?.busy() ?? 0);
    const outOfTime = new Promise((resolve) => setTimeout(resolve, READING_MS));
    await Promise.race([stdout.written(), outOfTime]);
    leave();
  };
  process.stdin.once('end', finish);
  process.stdin.once('close', finish);
  process.stdin.on('error', finish);
  session = await openStdioSession({
    makeServer: mcp.makeServer,
    modern: mcp.modernWire,
    input: process.stdin,
    write: stdout.write,
    maxMessageBytes: config.server.max_body,
    clock: systemClock,
  });
}

/** Resolves when it serves; a start that fails ends the process. */
export async function runStdio(flags: StdioFlags, stdout: Stdout): Promise<void> {
  try {
    await serve(flags, stdout);
  } catch (thrown) {
    const error = toAppError(thrown, 'the start');
    const cause = error.code === 'INTERNAL' && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    process.stderr.write(`${error.message}${cause}\n${error.toBody().next}\n`);
    process.exit(error.exit);
  }
}

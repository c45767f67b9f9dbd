/**
 * The program `snowflake-mcp`: MCP over stdin and stdout for one local client, without a daemon.
 *
 * Nothing but JSON-RPC leaves on stdout: whatever else is written there, by whomever, goes to stderr, as logs do. Ends
 * cleanly when the client closes stdin, closes the pipe, or on SIGTERM and SIGINT.
 */
import { Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
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
import type { CallWatcher } from './mcp/era-2025/watcher.ts';
import { createMcpService } from './mcp-service.ts';
import { createQueryService } from './query/service.ts';
import { createClusterBus } from './state/cluster-bus.ts';

const CLOSE_MS = 3000;

/** One process has nobody to tell its metrics to. */
const noMetrics: Recorder = { count: () => {}, set: () => {}, observe: () => {} };

async function readFlags() {
  return yargs(hideBin(process.argv))
    .scriptName('snowflake-mcp')
    .usage('$0: MCP over stdio, for one local client')
    .option('demo', { type: 'boolean', default: false, describe: 'Use the embedded engine and sample data' })
    .option('config', { type: 'string', describe: 'Configuration file' })
    .option('env', { type: 'string', describe: 'Name of a configuration in config/' })
    .option('log-level', { choices: ['debug', 'info', 'warn', 'error'] as const, default: 'warn' as const })
    .version(VERSION)
    .strict()
    .fail((message, error) => {
      process.stderr.write(`${message ?? error.message}\n`);
      process.exit(EXIT.usage);
    })
    .parse();
}

/** Over stdio there is no exchange to end beside the message itself. */
const nobody: CallWatcher = { started: () => {}, ended: () => {}, cancelled: () => {} };

type Flags = Awaited<ReturnType<typeof readFlags>>;

/** The real stdout for the transport; everybody else's writes to stdout go to stderr from here on. */
function takeStdout(onClosed: () => void): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  for (const level of ['log', 'info', 'debug'] as const) console[level] = console.error;
  process.stdout.on('error', onClosed);
  return new Writable({
    write: (chunk, _encoding, done) => {
      write(chunk, () => done());
    },
  });
}

function load(flags: Flags): { config: Config; warnings: readonly string[] } {
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

async function serve(flags: Flags): Promise<void> {
  let leave: () => void = () => {};
  const stdout = takeStdout(() => leave());
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
    bus: createClusterBus({ carriers: [], recorder: noMetrics }),
    log,
    audit,
    recorder: noMetrics,
    clock: systemClock,
  });
  const server = mcp.makeServer(nobody);
  mcp.handles.start();
  let isLeaving = false;
  leave = () => {
    if (isLeaving) return;
    isLeaving = true;
    setTimeout(() => process.exit(EXIT.ok), CLOSE_MS).unref();
    server
      .close()
      .then(() => mcp.handles.close())
      .then(() => query.close(CLOSE_MS / 2))
      .then(() => child?.close())
      .catch((error: unknown) => log.warn('stdio.close_failed', 'closing', { error }))
      .finally(() => process.exit(EXIT.ok));
  };
  process.stdin.once('end', leave);
  process.stdin.once('close', leave);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, leave);
  await query.warm();
  await server.connect(new StdioServerTransport(process.stdin, stdout));
}

try {
  await serve(await readFlags());
} catch (thrown) {
  const error = toAppError(thrown, 'the start');
  const cause = error.code === 'INTERNAL' && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  process.stderr.write(`${error.message}${cause}\n${error.toBody().next}\n`);
  process.exit(error.exit);
}

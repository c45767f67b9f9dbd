/** `queries`: the statements that run now, with --slow also those that have ended and were slow; --kill cancels one. */
import { dirname, join } from 'node:path';
import { EXIT } from '../../shared/exit-codes.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { formatDuration } from '../../shared/units.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { askStatus } from '../control-client.ts';
import { readEnd } from '../log-file.ts';
import { JSON_OPTION, plainTable } from '../plain-table.ts';
import { type EndedStatement, slowestStatements } from '../slow-statements.ts';
import { span, UsageError, wholeNumber } from '../values.ts';
import { askWorkerFor } from '../worker-client.ts';

interface QueriesArgs extends SharedArgs {
  readonly json: boolean;
  readonly slow: boolean;
  readonly over: number;
  readonly since: number;
  readonly limit: number | undefined;
  readonly kill?: string | undefined;
}

interface ActiveQuery {
  readonly id: string;
  readonly query_id: string | null;
  readonly session: string | null;
  readonly principal: string;
  readonly tool: string;
  readonly kind: string;
  readonly seconds: number;
  readonly state: string;
  readonly worker: number;
}

const ACTIVE = '/api/debug/active-queries';
const MAX_ROWS = 1000;
/** The end of the audit log that is looked through: some 40,000 statements. */
const READ_BYTES = 16 * 1024 * 1024;

export const queriesCommand: Command<QueriesArgs> = {
  words: 'queries',
  says: 'Lists the statements that run now, the oldest first, and those that were slow; cancels one',
  options: (yargs) =>
    yargs
      .options({
        slow: { type: 'boolean', default: false, describe: 'Only those over --over, and the slowest that have ended' },
        over: { coerce: span('--over', '0s', '1d'), default: '5s', requiresArg: true, describe: 'What is slow' },
        since: {
          coerce: span('--since', '1m', '30d'),
          default: '1h',
          requiresArg: true,
          describe: 'With --slow, how far to look back',
        },
        limit: { coerce: wholeNumber('--limit', 1, MAX_ROWS), default: 50, describe: 'Most rows' },
        kill: {
          type: 'string',
          requiresArg: true,
          describe: 'Cancels the statement with this id, or query id, in Snowflake',
        },
        json: JSON_OPTION,
      })
      .example('$0 queries --slow --over 10s --since 1d', 'what took more than ten seconds today')
      .example('$0 queries --kill 2-17', 'cancels one; its caller is told that an operator did') as never,
  run: async (args, context) => {
    if (args.slow && args.kill !== undefined) throw new UsageError('--kill and --slow do not go together');
    const paths = pathsOf(args, context);
    if (args.kill !== undefined) return kill(paths, args.kill, args.json, context);
    const all = await askWorkerFor<readonly ActiveQuery[]>(paths, { method: 'GET', path: ACTIVE });
    const limit = args.limit ?? MAX_ROWS;
    const running = all.filter(({ seconds }) => !args.slow || seconds * 1000 >= args.over).slice(0, limit);
    const ended = args.slow ? await slowOnes(paths, args, limit) : undefined;
    if (args.json) {
      context.terminal.print(JSON.stringify(ended === undefined ? running : { running, ended }, null, 2));
      return EXIT.ok;
    }
    tellRunning(running, all.length, context);
    if (ended !== undefined) tellEnded(ended, args, context);
    return EXIT.ok;
  },
};

async function kill(paths: DaemonPaths, id: string, isJson: boolean, { terminal }: Context) {
  const path = `${ACTIVE}/${encodeURIComponent(id)}`;
  const killed = await askWorkerFor<{ id: string; killed: true }>(paths, { method: 'DELETE', path });
  terminal.print(isJson ? JSON.stringify(killed, null, 2) : `Cancelled: ${id}`);
  return EXIT.ok;
}

async function slowOnes(paths: DaemonPaths, args: QueriesArgs, limit: number): Promise<EndedStatement[]> {
  // Where the daemon writes: it may have been started with --log-file.
  const { logFile } = await askStatus(paths);
  const lines = await readEnd(join(dirname(logFile), 'audit.log'), READ_BYTES);
  return slowestStatements(lines, { overMs: args.over, sinceMs: Date.now() - args.since, limit });
}

function tellRunning(running: readonly ActiveQuery[], total: number, { terminal }: Context): void {
  if (running.length === 0) {
    terminal.print(total === 0 ? 'No statement runs' : `None of the ${total} statements that run is slow`);
    return;
  }
  const rows = running.map((it) => [
    it.id,
    it.query_id,
    it.state,
    formatDuration(it.seconds * 1000),
    it.kind,
    it.tool,
    it.principal,
    it.session,
    it.worker,
  ]);
  const head = ['id', 'query id', 'state', 'for', 'kind', 'tool', 'principal', 'session', 'worker'];
  terminal.print(plainTable(head, rows));
}

function tellEnded(ended: readonly EndedStatement[], args: QueriesArgs, { terminal }: Context): void {
  const since = formatDuration(args.since);
  terminal.print('');
  if (ended.length === 0) {
    terminal.print(`None that ended in the last ${since} took more than ${formatDuration(args.over)}`);
    return;
  }
  terminal.print(`Ended in the last ${since}, the slowest first:`);
  const rows = ended.map((it) => [
    it.time,
    formatDuration(it.ms),
    it.tool,
    it.principal,
    it.query_id,
    it.rows,
    it.error,
  ]);
  terminal.print(plainTable(['ended', 'took', 'tool', 'principal', 'query id', 'rows', 'error'], rows));
  terminal.print('Next: explain_query tells how Snowflake runs one; `advise` looks at pool and workers.');
}

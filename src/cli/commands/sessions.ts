/** `sessions`: who is connected, and with --top which clients weigh most. */
import { EXIT } from '../../shared/exit-codes.ts';
import { formatDuration, formatSize } from '../../shared/units.ts';
import { type HeldSession, heaviest, type SessionWeight } from '../client-weight.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { JSON_OPTION, plainTable } from '../plain-table.ts';
import { wholeNumber } from '../values.ts';
import { askWorkerFor } from '../worker-client.ts';

interface SessionsArgs extends SharedArgs {
  readonly json: boolean;
  readonly top: boolean;
  readonly limit: number | undefined;
}

interface SessionsAnswer {
  readonly active_sessions: readonly HeldSession[];
  readonly total: number;
  readonly missing_workers: readonly number[];
}

const MAX_ROWS = 1000;

export const sessionsCommand: Command<SessionsArgs> = {
  words: 'sessions',
  says: 'Lists the sessions, the last used first; with --top the heaviest clients',
  options: (yargs) =>
    yargs
      .options({
        top: { type: 'boolean', default: false, describe: 'Clients by requests, memory and running queries' },
        limit: { coerce: wholeNumber('--limit', 1, MAX_ROWS), default: 50, describe: 'Most rows' },
        json: JSON_OPTION,
      })
      .example('$0 sessions --top --limit 10', 'the ten heaviest clients') as never,
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const answer = await askWorkerFor<SessionsAnswer>(paths, { method: 'GET', path: '/api/sessions' });
    if (answer.missing_workers.length > 0) {
      context.terminal.note(`Without the workers ${answer.missing_workers.join(', ')}, which did not answer in time.`);
    }
    const limit = args.limit ?? MAX_ROWS;
    if (!args.top) return tellSessions(answer, limit, args.json, context);
    const memory = await askWorkerFor<readonly SessionWeight[]>(paths, {
      method: 'GET',
      path: '/api/debug/session-memory',
    });
    const clients = heaviest(answer.active_sessions, memory).slice(0, limit);
    const rows = clients.map((it) => [
      it.client,
      it.principal,
      it.sessions,
      it.requests,
      it.queries,
      formatSize(it.bytes_buffered),
    ]);
    const head = ['client', 'principal', 'sessions', 'requests', 'queries', 'kept'];
    const text = rows.length === 0 ? 'No session' : plainTable(head, rows);
    context.terminal.print(args.json ? JSON.stringify({ clients, total: answer.total }, null, 2) : text);
    return EXIT.ok;
  },
};

function tellSessions(answer: SessionsAnswer, limit: number, isJson: boolean, { terminal }: Context) {
  const sessions = answer.active_sessions.slice(0, limit);
  if (isJson) {
    terminal.print(JSON.stringify({ ...answer, active_sessions: sessions }, null, 2));
    return EXIT.ok;
  }
  if (sessions.length === 0) {
    terminal.print('No session');
    return EXIT.ok;
  }
  const ago = (time: string) => `${formatDuration(Math.max(0, Date.now() - Date.parse(time)))} ago`;
  const rows = sessions.map((it) => [
    it.session_id,
    it.client,
    it.principal,
    it.transport,
    ago(it.last_activity),
    it.requests,
    it.worker,
  ]);
  terminal.print(plainTable(['session', 'client', 'principal', 'over', 'last used', 'requests', 'worker'], rows));
  terminal.print(`${answer.total} sessions${sessions.length < answer.total ? `, ${sessions.length} shown` : ''}`);
  return EXIT.ok;
}

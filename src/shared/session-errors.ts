/** The part of the table of errors that is about sessions and where they are kept; see error-table.ts. */
import { entry } from './error-entry.ts';
import { EXIT } from './exit-codes.ts';

export const SESSION_ERRORS = {
  SESSION_NOT_FOUND: entry<Record<never, never>>({
    http: 404,
    retry: false,
    next: 'Start a new session with initialize. More: runbooks/bad-request.md',
    text: () => 'This session was deleted, has expired or never existed',
  }),
  TOO_MANY_SESSIONS: entry<{ max: number; isOwn?: boolean }>({
    http: 503,
    retry: true,
    next: 'Close sessions that are no longer used (DELETE /mcp) or raise state.max_sessions or state.max_sessions_per_principal. More: runbooks/rate-limits.md',
    text: (d) => `All ${d.max} sessions ${d.isOwn === true ? 'of this client identity ' : ''}are in use`,
  }),
  TOO_MANY_SUBSCRIPTIONS: entry<{ max: number }>({
    http: 429,
    retry: false,
    next: 'Unsubscribe from what you no longer need, or raise limits.session_subscriptions. More: runbooks/rate-limits.md',
    text: (d) => `A session may subscribe to ${d.max} resources, with 8 KiB of addresses`,
  }),
  OWNER_UNREACHABLE: entry<{ waitedMs: number }>({
    http: 503,
    retry: true,
    next: 'Try again in a second. More: runbooks/hang.md',
    text: (d) => `The worker that holds this session did not answer within ${d.waitedMs} ms`,
  }),
  STATE_UNAVAILABLE: entry<{ reason: string }>({
    http: 503,
    retry: true,
    next: 'Check space and permissions of the state directory (state.dir); until then sessions live in one worker only. More: runbooks/disk-full.md',
    text: (d) => `The session store cannot be used: ${d.reason}`,
  }),
  STATE_DAMAGED: entry<{ file: string; reason: string }>({
    http: 503,
    retry: false,
    next: 'Restart the daemon (`snowflake-mcp-daemon restart`): it sets the file aside and starts an empty store; what was in it is lost. More: runbooks/data-corruption.md',
    text: (d) => `The store ${d.file} is damaged: ${d.reason}`,
  }),
  STATE_IN_USE: entry<{ directory: string; pid: number }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Give each daemon a state.dir of its own, or let both share sessions through state.url. More: runbooks/configuration.md',
    text: (d) =>
      `Another daemon${d.pid === 0 ? '' : ` (PID: ${d.pid})`} keeps its sessions in ${d.directory}; two would take each other's`,
  }),
} as const;

/** The part of the table of errors that is about tools, statements, connections and Snowflake; see error-table.ts. */
import { entry } from './error-entry.ts';
import { EXIT } from './exit-codes.ts';

export const QUERY_ERRORS = {
  IDENTITY_UNKNOWN: entry<{ identity: string }>({
    http: 403,
    retry: false,
    next: 'Add it to snowflake.identities and reload, or make a key without --identity. More: runbooks/authentication-failure.md',
    text: (d) => `The caller's key names the Snowflake login ${d.identity}, which is not configured`,
  }),
  // Tools and queries
  ARGUMENT_INVALID: entry<{ faults: readonly string[] }>({
    http: 400,
    retry: false,
    next: 'Correct the arguments named here; tools/list has their schema. More: runbooks/bad-request.md',
    text: (d) => `Bad arguments: ${d.faults.join('; ')}`,
  }),
  TOOL_UNKNOWN: entry<{ tool: string }>({
    http: 404,
    retry: false,
    next: 'tools/list names the tools. More: runbooks/bad-request.md',
    text: (d) => `There is no tool ${d.tool}`,
  }),
  SQL_REFUSED: entry<{ reason: string; detail: string; next?: string }>({
    http: 403,
    retry: false,
    next: 'Only single read statements are allowed; policy.allowed_sql_commands widens that. More: runbooks/bad-request.md',
    text: (d) => `The statement is refused (${d.reason}): ${d.detail}`,
  }),
  SQL_ERROR: entry<{ snowflakeCode: string; sqlState: string; message: string; queryId?: string }>({
    http: 400,
    retry: false,
    next: 'Correct the statement; describe_view and list_views show names and types. More: runbooks/bad-request.md',
    text: (d) => `Snowflake refused the statement (${d.snowflakeCode}, ${d.sqlState}): ${d.message}`,
  }),
  OBJECT_NOT_FOUND: entry<{ kind: string; name: string }>({
    http: 404,
    retry: false,
    next: 'Check the name and its case, and that the role may see it. More: runbooks/bad-request.md',
    text: (d) => `${d.kind} ${d.name} does not exist or is not authorised`,
  }),
  QUERY_TIMEOUT: entry<{ limitMs: number; queryId?: string }>({
    http: 504,
    retry: true,
    next: 'Narrow the query or raise limits.query_timeout. More: runbooks/error-rate.md',
    text: (d) => `The statement was cancelled after ${d.limitMs} ms`,
  }),
  QUERY_CANCELLED: entry<{ queryId?: string }>({
    http: 499,
    retry: false,
    next: 'Nothing to do: the client asked for it. More: runbooks/bad-request.md',
    text: () => 'The statement was cancelled at the request of the client',
  }),
  QUERY_KILLED: entry<{ queryId?: string }>({
    http: 499,
    retry: false,
    next: 'Ask the operator of this server before you run it again. More: runbooks/pool-exhausted.md',
    text: () => 'The statement was cancelled by an operator',
  }),
  QUERY_NOT_ACTIVE: entry<{ id: string }>({
    http: 404,
    retry: false,
    next: '`snowflake-mcp-daemon queries` lists those that run; it has probably ended by itself. More: runbooks/bad-request.md',
    text: (d) => `No statement ${d.id} runs`,
  }),
  RESULT_UNREADABLE: entry<{ queryId?: string; reason: string }>({
    http: 500,
    retry: false,
    next: 'Run the statement again; a part of its result was lost on the way. More: runbooks/error-rate.md',
    text: (d) => `The result cannot be read to its end: ${d.reason}`,
  }),
  QUERY_UNKNOWN: entry<Record<never, never>>({
    http: 404,
    retry: false,
    next: 'Use a query_id that query_submit returned to you; older ones expire (limits.handle_ttl). Submit it again. More: runbooks/bad-request.md',
    text: () => 'There is no such submitted statement: it expired, was cancelled, or is not yours',
  }),
  TOO_MANY_HANDLES: entry<{ max: number }>({
    http: 429,
    retry: true,
    next: 'Cancel submitted statements you no longer need with query_cancel; limits.max_handles bounds them. More: runbooks/rate-limits.md',
    text: (d) => `You already have ${d.max} submitted statements`,
  }),
  TOO_MANY_SUBMITTED: entry<{ max: number }>({
    http: 503,
    retry: true,
    next: 'Wait until one has ended, or raise pool.max_size; each running one keeps a Snowflake session. More: runbooks/pool-exhausted.md',
    text: (d) => `This worker already has ${d.max} submitted statements running`,
  }),
  WRITE_DECLINED: entry<Record<never, never>>({
    http: 403,
    retry: false,
    next: 'Do not run it again unless the person asks for it. More: runbooks/bad-request.md',
    text: () => 'The person at the client did not confirm the statement; nothing was run',
  }),
  WRITE_UNCONFIRMED: entry<Record<never, never>>({
    http: 403,
    retry: false,
    next: 'Use a client that can ask (MCP elicitation); the operator can lift this with policy.write_without_confirmation. More: runbooks/bad-request.md',
    text: () => 'The statement writes and this client cannot ask a person to confirm it; nothing was run',
  }),
  WRITE_OUTCOME_UNKNOWN: entry<{ reason: string; tag: string; queryId?: string }>({
    http: 503,
    retry: false,
    next: "Look it up before you run it again: SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY or Snowsight's query history by this query id or query tag. More: runbooks/data-corruption.md",
    text: (d) =>
      `The statement was sent, but its outcome is unknown (${d.reason}); its query tag has request_id ${d.tag}${d.queryId === undefined ? '' : `, its query id is ${d.queryId}`}`,
  }),
  TRANSACTION_NEEDS_WRITE: entry<Record<never, never>>({
    http: 400,
    retry: false,
    next: 'Leave use_transaction out, or set auto_commit to true. More: runbooks/bad-request.md',
    text: () => 'use_transaction with auto_commit false would leave a transaction open; this server ends each one',
  }),

  // Pool and Snowflake
  POOL_TIMEOUT: entry<{ waitedMs: number; max: number; cause: string }>({
    http: 503,
    retry: true,
    next: 'Raise pool.max_size, or find the statements that hold connections. More: runbooks/pool-exhausted.md',
    text: (d) => `No Snowflake connection came free in ${d.waitedMs} ms (pool.max_size ${d.max}): ${d.cause}`,
  }),
  POOL_FULL: entry<{ waiting: number }>({
    http: 503,
    retry: true,
    next: 'Try again in a few seconds; raise pool.max_waiting or pool.max_size if it lasts. More: runbooks/pool-exhausted.md',
    text: (d) => `${d.waiting} calls already wait for a Snowflake connection`,
  }),
  POOL_CLOSED: entry<Record<never, never>>({
    http: 503,
    retry: true,
    next: 'Try again; another worker will answer. More: runbooks/pool-exhausted.md',
    text: () => 'This worker takes no more statements: it is shutting down',
  }),
  SNOWFLAKE_UNREACHABLE: entry<{ reason: string }>({
    http: 503,
    retry: true,
    exit: EXIT.snowflakeUnreachable,
    next: 'Check the account name, network and proxy; https://status.snowflake.com. More: runbooks/snowflake-outage.md',
    text: (d) => `Snowflake cannot be reached: ${d.reason}`,
  }),
  SNOWFLAKE_AUTH: entry<{ reason: string; snowflakeCode?: string }>({
    http: 503,
    retry: false,
    exit: EXIT.snowflakeUnreachable,
    next: "Check user, key or password, and the account's network policy. More: runbooks/authentication-failure.md",
    text: (d) => `Snowflake refused the login: ${d.reason}`,
  }),
  CONNECTION_LOST: entry<{ reason: string; queryId?: string }>({
    http: 503,
    retry: true,
    next: 'Try again; the pool opens a new connection. More: runbooks/snowflake-outage.md',
    text: (d) => `The Snowflake connection was lost: ${d.reason}`,
  }),
} as const;

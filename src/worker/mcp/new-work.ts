/**
 * Which messages begin something that a service in maintenance does not begin: a session, or a query in Snowflake.
 *
 * What belongs to a query that runs already (its state, its rows, its end) and what asks nothing of Snowflake passes.
 */

const BEGINS = new Set(['initialize', 'tools/call', 'resources/read', 'resources/subscribe', 'completion/complete']);
/** Tools that finish what was begun before. */
const FINISHES = new Set(['query_status', 'query_result', 'query_cancel']);

/** @param message a JSON-RPC message, or several in a list */
export function beginsWork(message: unknown): boolean {
  if (Array.isArray(message)) return message.some((one) => beginsWork(one));
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } };
  if (typeof method !== 'string' || !BEGINS.has(method)) return false;
  return method !== 'tools/call' || !FINISHES.has(String(params?.name));
}

/** What a health check address asks for: only its path, of the worker itself, however it was written for another set-up. */
export interface HealthTarget {
  /** With the query. */
  readonly path: string;
  /** `answers`: any answer that shows that the path is served will do, as for a WebSocket. */
  readonly wants: 'success' | 'answers';
}

/** Undefined when it is neither a path nor an http(s) or ws(s) address. */
export function checkTarget(text: string): HealthTarget | undefined {
  if (text.startsWith('/')) return /^\/[\x21-\x7e]*$/.test(text) ? { path: text, wants: 'success' } : undefined;
  if (!URL.canParse(text)) return undefined;
  const { protocol, pathname, search } = new URL(text);
  if (protocol === 'http:' || protocol === 'https:') return { path: `${pathname}${search}`, wants: 'success' };
  // WebSockets are accepted at /mcp, whatever path the old server had for them.
  return protocol === 'ws:' || protocol === 'wss:' ? { path: '/mcp', wants: 'answers' } : undefined;
}

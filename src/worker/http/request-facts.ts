/** What a request says about itself before anybody handles it: its id and whether it goes to MCP. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The id the caller gave, when it can be written into a log line, or a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

export const isMcp = (url: string | undefined) => url === '/mcp' || url?.startsWith('/mcp?') === true;

/** An answer of a session as JSON, with its length, so that it leaves in one write. */
import type { ServerResponse } from 'node:http';

export function replyJson(to: ServerResponse, session: string, json: string | Buffer): void {
  to.setHeader('Content-Type', 'application/json');
  to.setHeader('Mcp-Session-Id', session);
  to.setHeader('Content-Length', Buffer.byteLength(json));
  to.end(json);
}

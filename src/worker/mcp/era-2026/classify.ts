/**
 * Which era a request to /mcp belongs to. 2026-07-28 requests say so themselves, in the metadata of the body and in
 * headers; a quick look spares all others the full check, which is the SDK's own.
 */
import { classifyInboundRequest, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';

export interface RequestFacts {
  readonly method: string;
  header(name: string): string | undefined;
  readonly body: unknown;
}

const FIRST_MODERN = '2026-07-28';

function looksModern({ header, body }: RequestFacts): boolean {
  if ((header('mcp-protocol-version') ?? '').trim() >= FIRST_MODERN || header('mcp-method') !== undefined) return true;
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.some((message) => {
    const meta = (message as { params?: { _meta?: unknown } } | null | undefined)?.params?._meta;
    return typeof meta === 'object' && meta !== null && PROTOCOL_VERSION_META_KEY in meta;
  });
}

/** True for what 2026-07-28 answers, its refusals included. */
export function isModernRequest(facts: RequestFacts): boolean {
  if (!looksModern(facts)) return false;
  const { method, header, body } = facts;
  if (method !== 'POST') return header('mcp-session-id') === undefined;
  const [version, mcpMethod, name] = ['mcp-protocol-version', 'mcp-method', 'mcp-name'].map(header);
  const outcome = classifyInboundRequest({
    httpMethod: method,
    ...(version === undefined ? {} : { protocolVersionHeader: version }),
    ...(mcpMethod === undefined ? {} : { mcpMethodHeader: mcpMethod }),
    ...(name === undefined ? {} : { mcpNameHeader: name }),
    body,
  });
  return outcome.kind !== 'legacy';
}

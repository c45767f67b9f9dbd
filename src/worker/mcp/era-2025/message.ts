/** What a Streamable HTTP body is, read far enough to route it: an initialize, a repeatable read, or anything else. */
import {
  type InitializeRequest,
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import type { ToolTable } from '../tool-table.ts';

/** Undefined for anything but a single well-formed initialize request. */
export function asInitialize(body: unknown): InitializeRequest | undefined {
  return isInitializeRequest(body) ? body : undefined;
}

/** Name and version the client gives itself. */
export function clientName({ params }: InitializeRequest): string {
  const { name, version } = params.clientInfo;
  return `${name} ${version}`.slice(0, 100);
}

/** The version the server will answer with. */
export function negotiatedVersion(request: InitializeRequest): string {
  const asked = request.params.protocolVersion;
  return SUPPORTED_PROTOCOL_VERSIONS.includes(asked) ? asked : LATEST_PROTOCOL_VERSION;
}

/** What the header Mcp-Protocol-Version may say; without it the session's own version holds. */
export function isKnownVersion(header: unknown): boolean {
  return header === undefined || (typeof header === 'string' && SUPPORTED_PROTOCOL_VERSIONS.includes(header));
}

interface Message {
  readonly method?: unknown;
  readonly params?: { readonly name?: unknown };
}

const KNOWN_METHODS = new Set([
  'initialize',
  'server/discover',
  'subscriptions/listen',
  'notifications/initialized',
  'notifications/cancelled',
  'ping',
  'logging/setLevel',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
]);

/** Methods that change the session. */
const ONCE = new Set(['initialize', 'notifications/initialized', 'notifications/cancelled']);
/** Tools that only read but leave something behind each time. */
const STARTS = new Set(['query_submit']);

/** The method as a label of a metric: a bounded set. */
export function methodLabel(body: unknown): string {
  const method = (body as Message | null)?.method;
  return typeof method === 'string' && KNOWN_METHODS.has(method) ? method : 'other';
}

/** True when doing it twice does no harm: the answer of a worker that ended may be asked for once more. */
export function isRepeatable(body: unknown, tools: ToolTable): boolean {
  const { method, params } = (body ?? {}) as Message;
  if (method === 'tools/call') {
    const tool = tools.get(String(params?.name));
    return tool?.annotations.readOnlyHint === true && !STARTS.has(tool.name);
  }
  return typeof method === 'string' && KNOWN_METHODS.has(method) && !ONCE.has(method);
}

/** The first protocol version without lists of messages. */
const NO_LISTS_SINCE = '2025-06-18';

/** False for a list of messages in a session whose protocol version has none. */
export function isOfVersion(body: unknown, protocol: string): boolean {
  return !Array.isArray(body) || protocol < NO_LISTS_SINCE;
}

/** The first protocol version whose clients take an event without data, and so can come back for an answer. */
const RESUMABLE_SINCE = '2025-11-25';

/** The JSON-RPC id of a request whose answer its client can come back for. */
export function resumableId(body: unknown, protocol: string): string | number | undefined {
  if (protocol < RESUMABLE_SINCE || Array.isArray(body)) return undefined;
  const { method, id } = (body ?? {}) as { readonly method?: unknown; readonly id?: unknown };
  const isRequest = typeof method === 'string' && method !== 'initialize';
  return isRequest && (typeof id === 'string' || typeof id === 'number') ? id : undefined;
}

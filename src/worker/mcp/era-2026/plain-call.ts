/**
 * tools/call of 2026-07-28 without a server of the SDK, for requests that say all they have to and nothing more: tools that
 * only read, no progress, no answer of a person. They are answered as the SDK would (a test compares them); a request in
 * which anything is missing, odd or more goes to the SDK, which knows how it is refused.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';
import type { CallTool } from '../call.ts';
import type { Offer } from '../offer.ts';
import type { Caller } from '../tool.ts';
import type { ToolTable } from '../tool-table.ts';
import { toResult } from './result.ts';

const VERSION = '2026-07-28';

interface PlainRequest {
  header(name: string): string | undefined;
  readonly message: unknown;
}

/** The answer as JSON. */
type PlainCall = (caller: Caller, signal: AbortSignal) => Promise<string>;

/** Undefined for what the SDK has to answer. */
export type PlainCalls2026 = (request: PlainRequest) => PlainCall | undefined;

export interface PlainCallOptions {
  readonly tools: ToolTable;
  readonly call: CallTool;
  readonly offer: Pick<Offer, 'info'>;
}

export function createPlainCalls2026({ tools, call, offer }: PlainCallOptions): PlainCalls2026 {
  const about = { resultType: 'complete', _meta: { [SERVER_INFO_META_KEY]: offer.info } };
  return ({ header, message }) => {
    if (header('mcp-method') !== 'tools/call' || header('mcp-protocol-version') !== VERSION) return undefined;
    if (!hasOnly(message, MESSAGE) || message.jsonrpc !== '2.0' || message.method !== 'tools/call') return undefined;
    const { id, params } = message;
    if (!(typeof id === 'string' || Number.isSafeInteger(id)) || !hasOnly(params, PARAMS)) return undefined;
    const { name, arguments: given, _meta: meta } = params;
    if (typeof name !== 'string' || header('mcp-name') !== name || !(given === undefined || isFields(given))) {
      return undefined;
    }
    if (tools.get(name)?.annotations.readOnlyHint !== true || !isWholeMeta(meta)) return undefined;
    return async (caller, signal) => {
      const answer = await call({ name, arguments: given, caller, signal });
      return JSON.stringify({ result: { ...toResult(answer), ...about }, jsonrpc: '2.0', id });
    };
  };
}

const MESSAGE: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);
const PARAMS: ReadonlySet<string> = new Set(['name', 'arguments', '_meta']);
const META: ReadonlySet<string> = new Set([
  PROTOCOL_VERSION_META_KEY,
  CLIENT_INFO_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
]);
const CLIENT_INFO: ReadonlySet<string> = new Set(['name', 'title', 'version']);
const CAPABILITIES: ReadonlySet<string> = new Set(['elicitation', 'sampling', 'roots']);
const ELICITATION: ReadonlySet<string> = new Set(['form', 'url']);

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasOnly(value: unknown, names: ReadonlySet<string>): value is Fields {
  return isFields(value) && Object.keys(value).every((name) => names.has(name));
}

/** What the version asks of the metadata of a request, in its plainest form. */
function isWholeMeta(meta: unknown): boolean {
  if (!hasOnly(meta, META) || meta[PROTOCOL_VERSION_META_KEY] !== VERSION) return false;
  const [info, capabilities] = [meta[CLIENT_INFO_META_KEY], meta[CLIENT_CAPABILITIES_META_KEY]];
  if (!hasOnly(info, CLIENT_INFO) || !Object.values(info).every((text) => typeof text === 'string')) return false;
  if (info.name === undefined || info.version === undefined || !hasOnly(capabilities, CAPABILITIES)) return false;
  const { elicitation = {}, ...others } = capabilities;
  const modes = hasOnly(elicitation, ELICITATION) ? Object.values(elicitation) : [undefined];
  return [...modes, ...Object.values(others)].every((empty) => isFields(empty) && Object.keys(empty).length === 0);
}

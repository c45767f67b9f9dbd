/**
 * tools/call without the SDK's layer of requests, for calls that need nothing of it: tools that only read, whose client wants
 * to hear neither progress nor log messages. They answer what the SDK's server would answer (a test compares them); all
 * others, and all other methods, go to the SDK.
 */
import type { CallToolResult, JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import type { CallTool } from '../call.ts';
import { callerFor } from '../caller.ts';
import type { ToolTable } from '../tool-table.ts';
import type { MessageOrigin } from './caller.ts';
import { toResult } from './result.ts';

/** Undefined for what the SDK has to run. */
export type PlainCalls = (request: JSONRPCRequest) => PlainCall | undefined;
export type PlainCall = (origin: MessageOrigin, session: string, signal: AbortSignal) => Promise<CallToolResult>;

export function createPlainCalls({ tools, call }: { readonly tools: ToolTable; readonly call: CallTool }): PlainCalls {
  return ({ method, params }) => {
    if (method !== 'tools/call' || params === undefined || !Object.keys(params).every((key) => PLAIN.has(key))) {
      return undefined;
    }
    const { name, arguments: given, _meta: meta } = params as Record<string, unknown>;
    if (typeof name !== 'string' || !isFields(given) || !isFields(meta) || Object.keys(meta ?? {}).length > 0) {
      return undefined;
    }
    // One that writes may have to ask a person.
    if (tools.get(name)?.annotations.readOnlyHint !== true) return undefined;
    return async ({ requestId, principal, attachTo, onStatement }, session, signal) => {
      const caller = callerFor(principal, requestId, session);
      return toResult(await call({ name, arguments: given, caller, signal, attachTo, onStatement }));
    };
  };
}

const PLAIN: ReadonlySet<string> = new Set(['name', 'arguments', '_meta']);

function isFields(value: unknown): value is Readonly<Record<string, unknown>> | undefined {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

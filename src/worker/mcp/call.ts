/**
 * One tools/call, from its name and raw arguments to an answer an agent can read, whatever protocol carries it.
 *
 * Never throws: a failure is an answer with `isError` and a text of code, message and what to do. Each call leaves one
 * audit line and one `tool_call` log line (no arguments, no SQL), its metrics, and an `error` line if it failed.
 */
import type { Clock } from '../../shared/clock.ts';
import { createErrorNotes } from '../../shared/error-notes.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Facts, Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { requireScope } from '../../shared/principal.ts';
import { redactText } from '../../shared/redact.ts';
import type { QueryRequest } from '../query/service.ts';
import { type CallMessage, failureMessage, resultMessages } from './call-message.ts';
import { type Caller, type Confirmation, scopeOf, type ToolContext, type ToolResult } from './tool.ts';
import type { ToolTable } from './tool-table.ts';

interface ToolCall {
  readonly name: string;
  readonly arguments: unknown;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** A statement of this call that runs on since its worker ended: its end is waited for, not run again. */
  readonly attachTo?: string | undefined;
  /** Told when a statement is sent: where its query id will be, once Snowflake has named it. */
  readonly onStatement?: QueryRequest['onStatement'] | undefined;
  /** Given when the client asked for progress. */
  readonly onProgress?: ((elapsedSeconds: number, message: string) => void) | undefined;
  /** Hears what a client may want to log of the call, before its answer. */
  readonly onMessage?: ((message: CallMessage) => void) | undefined;
  /** Given when the client can ask its person. */
  readonly confirm?: ((question: string) => Promise<Exclude<Confirmation, 'impossible'>>) | undefined;
}

export interface ToolAnswer {
  readonly isError: boolean;
  /** Set when the call has not run yet: its person is to be asked this, and the call made again with the answer. */
  readonly question?: string;
  readonly structured?: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
}

/** Thrown by a `confirm` that has no answer yet and cannot wait for one. */
export class AnswerNeeded extends Error {
  readonly question: string;

  constructor(question: string) {
    super('the person at the client is to be asked');
    this.name = 'AnswerNeeded';
    this.question = question;
  }
}

export interface CallOptions {
  readonly tools: ToolTable;
  readonly query: ToolContext['query'];
  readonly handles: ToolContext['handles'];
  readonly log: Log;
  readonly audit: (line: Facts) => void;
  readonly recorder: Recorder;
  readonly clock: Clock;
}

export type CallTool = (call: ToolCall) => Promise<ToolAnswer>;

/** While a call runs, a client that asked for progress hears that it is alive this often. */
const PROGRESS_EVERY_MS = 2000;

/** What a failed call says, as an agent reads it. */
export function errorText(error: AppError): string {
  const { code, message, next, retry } = error.toBody();
  return JSON.stringify({ code, message: redactText(message), next, retry });
}

/** Statements that tell where their query id will be, and of which the first may have been sent before. */
function followed(query: ToolContext['query'], { attachTo, onStatement }: ToolCall): ToolContext['query'] {
  if (onStatement === undefined) return query;
  const more = { onStatement, ...(attachTo === undefined ? {} : { attachTo }) };
  return {
    ...query,
    run: (request, signal) => query.run({ ...request, ...more }, signal),
    write: (request, signal) => query.write({ ...request, onStatement }, signal),
  };
}

export function createToolCaller(options: CallOptions): CallTool {
  const { tools, query, handles, log, audit, recorder, clock } = options;
  const noteError = createErrorNotes('tools', options);

  const record = (
    call: ToolCall,
    startedAt: number,
    error: AppError | undefined,
    bytes: number,
    isAsked = false,
  ): void => {
    const seconds = (clock.now() - startedAt) / 1000;
    const tool = tools.has(call.name) ? call.name : 'unknown';
    const labels = { method: 'tools/call', tool };
    recorder.count('mcp_requests_total', { ...labels, status: String(error?.http ?? 200) });
    recorder.observe('mcp_request_duration_seconds', seconds, labels);
    if (error === undefined) recorder.observe('mcp_response_size_bytes', bytes, { tool });
    const facts = {
      request_id: call.caller.requestId,
      ...(call.caller.session === undefined ? {} : { session: call.caller.session.slice(0, 8) }),
      principal: call.caller.principal,
      tool,
      duration_ms: Math.round(seconds * 1000),
      ...(error === undefined ? {} : { 'error.code': error.code }),
      ...(isAsked ? { asked: true } : {}),
    };
    audit({ event: 'tool_call', ...facts });
    if (error !== undefined) noteError(error, facts);
    log.info('tool_call', error === undefined ? 'ok' : error.code, facts);
  };

  const run = async (call: ToolCall, report: ToolContext['progress']): Promise<ToolResult> => {
    const tool = tools.get(call.name);
    if (tool === undefined) throw new AppError('TOOL_UNKNOWN', { tool: call.name.slice(0, 100) });
    requireScope(call.caller, scopeOf(tool));
    return tool.run(call.arguments, {
      signal: call.signal,
      caller: { ...call.caller, tool: tool.name },
      query: followed(query, call),
      handles,
      confirm: async (question) => (await call.confirm?.(question)) ?? 'impossible',
      progress: report,
    });
  };

  const elapsedMs = (since: number) => Math.round(clock.now() - since);

  return async (call) => {
    const startedAt = clock.now();
    let message: string | (() => string) = 'running';
    let told = -1;
    const tell = () => {
      // Each figure must be larger than the one before.
      told = Math.max(told + 0.001, Math.round(clock.now() - startedAt) / 1000);
      call.onProgress?.(told, typeof message === 'string' ? message : message());
    };
    const ticker = call.onProgress === undefined ? undefined : setInterval(tell, PROGRESS_EVERY_MS);
    try {
      const result = await run(call, (text) => {
        message = text;
        tell();
      });
      record(call, startedAt, undefined, Buffer.byteLength(result.text));
      if (call.onMessage) resultMessages(result, elapsedMs(startedAt)).forEach(call.onMessage);
      const texts = result.note === undefined ? [result.text] : [result.text, result.note];
      return { isError: false, structured: result.structured, texts };
    } catch (thrown) {
      if (thrown instanceof AnswerNeeded) {
        record(call, startedAt, undefined, 0, true);
        return { isError: false, texts: [], question: thrown.question };
      }
      const isAborted = call.signal.aborted && !(thrown instanceof AppError);
      const error = isAborted ? new AppError('QUERY_CANCELLED', {}) : toAppError(thrown, 'tools/call');
      record(call, startedAt, error, 0);
      call.onMessage?.(failureMessage(error, elapsedMs(startedAt)));
      return { isError: true, texts: [errorText(error)] };
    } finally {
      clearInterval(ticker);
    }
  };
}

/** What a call has to say to a client that wants to hear log messages; arguments, SQL and rows are never part of it. */
import type { AppError } from '../../shared/errors.ts';
import { redactText } from '../../shared/redact.ts';
import type { ToolResult } from './tool.ts';

export interface CallMessage {
  readonly level: 'info' | 'warning' | 'error';
  readonly data: Readonly<Record<string, unknown>>;
}

export function resultMessages({ structured, note }: ToolResult, durationMs: number): readonly CallMessage[] {
  const { query_id, row_count, truncated } = structured;
  const facts = { ...(query_id === undefined ? {} : { query_id }), ...(row_count === undefined ? {} : { row_count }) };
  const ended: CallMessage = { level: 'info', data: { event: 'call_ended', duration_ms: durationMs, ...facts } };
  if (note === undefined) return [ended];
  const cut = truncated === undefined ? {} : { truncated };
  return [{ level: 'warning', data: { event: 'result_cut', message: note, ...facts, ...cut } }, ended];
}

/** What the caller can mend is a warning. */
export function failureMessage(error: AppError, durationMs: number): CallMessage {
  const { code, message, next, retry } = error.toBody();
  const facts = { event: 'call_failed', code, message: redactText(message), next, retry, duration_ms: durationMs };
  return { level: error.http < 500 ? 'warning' : 'error', data: facts };
}

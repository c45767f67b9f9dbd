/** What the tools for submitted statements share: the query_id argument, states, and the wait for an end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { isOver, type SubmittedState } from '../../query/submitted-state.ts';
import type { HandleRecord } from '../handles.ts';
import type { ToolContext } from '../tool.ts';

export const queryIdArgument = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'is not a query id')
  .describe('query_id that query_submit returned.');

export const stateSchema = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown'])
  .describe('unknown: Snowflake no longer has it.');

export const waitArgument = z
  .int()
  .min(0)
  .max(50)
  .describe('Seconds to wait for the end of the statement before answering.');

export const errorSchema = z
  .object({ code: z.string(), message: z.string() })
  .optional()
  .describe('Why it failed or was cancelled.');

/** A statement just submitted may not be known to Snowflake's monitoring yet. */
const NEW_MS = 30_000;
const POLL_FIRST_MS = 250;
const POLL_LAST_MS = 2000;

async function stateOf(context: ToolContext, handle: HandleRecord): Promise<SubmittedState> {
  const state = await context.query.submitted.state(handle.queryId, context.signal, handle.identity);
  return state === 'unknown' && Date.now() - handle.createdAtMs < NEW_MS ? 'running' : state;
}

/** The state of a statement once it is over, or when the wait is. */
export async function waitForEnd(context: ToolContext, handle: HandleRecord, waitMs: number): Promise<SubmittedState> {
  const startedAt = performance.now();
  let pauseMs = POLL_FIRST_MS;
  let told: SubmittedState | undefined;
  for (;;) {
    const state = await stateOf(context, handle);
    const leftMs = waitMs - (performance.now() - startedAt);
    if (isOver(state) || leftMs <= 0) return state;
    if (state !== told) context.progress(`${state} in Snowflake, 0 rows`);
    told = state;
    try {
      await sleep(Math.min(pauseMs, leftMs), undefined, { signal: context.signal });
    } catch {
      throw new AppError('QUERY_CANCELLED', { queryId: handle.queryId });
    }
    pauseMs = Math.min(pauseMs * 2, POLL_LAST_MS);
  }
}

/** Why a statement ended without a result. */
export async function failureOf(context: ToolContext, handle: HandleRecord, state: SubmittedState) {
  if (state !== 'failed' && state !== 'cancelled') return undefined;
  const { queryTimeoutMs } = context.caller.limits ?? {};
  const { submitted } = context.query;
  const error = await submitted.failure(handle.queryId, context.signal, handle.identity, queryTimeoutMs);
  return error === undefined ? undefined : { code: error.code, message: error.message };
}

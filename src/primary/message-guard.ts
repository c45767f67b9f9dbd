/**
 * Lets in what one worker sends: at most a budget of messages a second, each of a known shape and a bounded size.
 *
 * What does not pass is dropped and counted; a worker that keeps flooding, keeps sending what nobody understands, or
 * sends once what is far too big, is unfit. Budget and size are checked before the shape, so that neither costs much.
 */
import type { z } from 'zod';
import { type WorkerMessage, workerMessageSchema } from '../shared/ipc.ts';

export const MESSAGES_PER_SECOND = 200;
/** Seconds in a row over the budget that make a worker unfit. */
export const FLOOD_SECONDS = 3;
/** Messages of no known shape that make a worker unfit. */
export const INVALID_MAX = 20;
/** More than the biggest message of the schema (500 series with all their texts) can hold. */
const MESSAGE_MAX_WEIGHT = 2_000_000;

export type Admission =
  | { readonly kind: 'message'; readonly message: WorkerMessage }
  | { readonly kind: 'dropped'; readonly reason: 'rate' }
  /** `place`: where the message is wrong, as series.3; only with the first one of a worker. */
  | { readonly kind: 'dropped'; readonly reason: 'invalid'; readonly place?: string }
  | { readonly kind: 'unfit'; readonly reason: string };

export interface MessageGuard {
  admit(raw: unknown, now: number): Admission;
}

export function createMessageGuard(): MessageGuard {
  let second = Number.NEGATIVE_INFINITY;
  let seen = 0;
  let floods = 0;
  let invalid = 0;
  return {
    admit(raw, now) {
      if (now - second >= 1000) {
        floods = seen > MESSAGES_PER_SECOND && now - second < 2000 ? floods : 0;
        second = now;
        seen = 0;
      }
      seen += 1;
      if (seen > MESSAGES_PER_SECOND) {
        if (seen === MESSAGES_PER_SECOND + 1) floods += 1;
        if (floods < FLOOD_SECONDS) return { kind: 'dropped', reason: 'rate' };
        return { kind: 'unfit', reason: `more than ${MESSAGES_PER_SECOND} messages a second` };
      }
      if (isTooBig(raw)) return { kind: 'unfit', reason: 'a message that is far too big' };
      const parsed = workerMessageSchema.safeParse(raw);
      if (parsed.success) return { kind: 'message', message: parsed.data };
      invalid += 1;
      // Told once: a worker of ours never sends one, so it is a fault of the program.
      if (invalid === 1) return { kind: 'dropped', reason: 'invalid', place: placeOf(parsed.error) };
      if (invalid < INVALID_MAX) return { kind: 'dropped', reason: 'invalid' };
      return { kind: 'unfit', reason: `${INVALID_MAX} messages that have no known shape` };
    },
  };
}

/** Names of the schema and numbers only; nothing of what the worker wrote. */
function placeOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.join('.');
}

/** Characters plus values and keys; stops as soon as the answer is known. The value was JSON, so it has no circles. */
function isTooBig(raw: unknown): boolean {
  let weight = 0;
  const waiting: unknown[] = [raw];
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    weight += typeof value === 'string' ? value.length + 1 : 1;
    if (weight > MESSAGE_MAX_WEIGHT) return true;
    if (Array.isArray(value)) {
      if (value.length > MESSAGE_MAX_WEIGHT) return true;
      for (const one of value) waiting.push(one);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        weight += name.length;
        waiting.push(one);
      }
    }
  }
  return false;
}

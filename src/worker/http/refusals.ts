/**
 * Lines of the audit log about callers that were not let in, or not to what they asked for: where from, why, never with
 * what they sent.
 *
 * Whoever tries keys must not fill the disk: the same refusal of the same caller is one line a minute, and all together
 * are a bounded number of lines a minute. The next line tells how many were left unsaid.
 */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import type { Facts } from '../../shared/log.ts';

export interface Refusals {
  /** Notes a refusal of a caller; anything else that may be thrown is passed over. */
  note(error: unknown, request: IncomingMessage | undefined, principal?: string): void;
}

export interface RefusalsOptions {
  readonly audit: (line: Facts) => void;
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
const LINES_A_MINUTE = 100;
const PATH_MAX = 100;
const CODES: readonly string[] = ['UNAUTHENTICATED', 'INSUFFICIENT_SCOPE'];

export function createRefusals({ audit, now }: RefusalsOptions): Refusals {
  let startedAt = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  /** What was said in this minute; as many as lines at most. */
  const said = new Set<string>();
  return {
    note: (error, request, principal) => {
      if (!(error instanceof AppError) || !CODES.includes(error.code)) return;
      if (now() - startedAt >= MINUTE_MS) {
        startedAt = now();
        said.clear();
      }
      const address = request?.socket.remoteAddress;
      const key = JSON.stringify([error.code, principal, address]);
      if (said.has(key) || said.size >= LINES_A_MINUTE) {
        unsaid++;
        return;
      }
      said.add(key);
      audit({
        event: 'login.refused',
        'error.code': error.code,
        reason: error.message,
        ...(principal === undefined ? {} : { principal }),
        ...(address === undefined ? {} : { address }),
        ...(request === undefined ? {} : { path: pathOf(request.url) }),
        ...(unsaid === 0 ? {} : { unsaid }),
      });
      unsaid = 0;
    },
  };
}

const pathOf = (url: string | undefined) => (url ?? '').split('?')[0]?.slice(0, PATH_MAX) ?? '';

/**
 * Asks every other worker over its own socket, all at once and within a bounded time. A worker that does not answer is
 * named, never waited for longer.
 */
import { request } from 'node:http';
import type { FleetView } from '../session/fleet-view.ts';

export interface FellowAnswers<T> {
  readonly answers: readonly T[];
  /** Slots of the workers that did not answer; -1 is the spare. */
  readonly missing: readonly number[];
}

export interface Fellows {
  /** The answers of status 200, parsed; whatever else comes counts as missing. */
  ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<FellowAnswers<T>>;
}

const TIMEOUT_MS = 1000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export function createFellows(fleet: FleetView): Fellows {
  return {
    ask: async <T>(method: string, path: string) => {
      const others = fleet.workers().filter((it) => it.incarnation !== fleet.incarnation && it.socket !== '');
      const replies = await Promise.all(
        others.map(async ({ slot, socket }) => ({ slot, reply: await exchange(socket, method, path) })),
      );
      return {
        answers: replies.flatMap(({ reply }) => (reply === undefined ? [] : [reply.value as T])),
        missing: replies.flatMap(({ slot, reply }) => (reply === undefined ? [slot] : [])),
      };
    },
  };
}

/** Undefined when there was no good answer in time. */
function exchange(socketPath: string, method: string, path: string): Promise<{ value: unknown } | undefined> {
  return new Promise((resolve) => {
    const none = () => resolve(undefined);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const call = request({ socketPath, method, path, headers: { host: 'localhost' }, agent: false, signal });
    call.on('error', none);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', none);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        try {
          const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          resolve(response.statusCode === 200 ? { value } : undefined);
        } catch {
          none();
        }
      });
    });
    call.end();
  });
}

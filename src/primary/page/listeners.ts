/**
 * Who watches the status page live: server-sent events, bounded in number and in what waits for each.
 *
 * One frame a second is made for all, and none while nobody watches. Everybody gets the parts that changed, a new one all
 * of them. Who does not read loses the connection: a browser comes back by itself and gets the newest.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import type { Recorder } from '../../shared/metrics.ts';
import type { Frame } from './frame.ts';

const FRAME_MS = 1000;
const BACKLOG_MAX_BYTES = 256 * 1024;
const COME_BACK_MS = 2000;

export interface Listeners {
  /** @throws AppError PAGE_FULL */
  add(request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  close(): void;
}

export interface ListenerDoors {
  readonly max: number;
  readonly metrics: Pick<Recorder, 'count' | 'set'>;
  frame(): Promise<Frame>;
  /** Calls back once after a while; returns how to call it off. */
  later(ms: number, then: () => void): () => void;
  failed(error: unknown): void;
}

export function createListeners({ max, metrics, frame, later, failed }: ListenerDoors): Listeners {
  /** True for those that have had a whole frame. */
  const open = new Map<ServerResponse, boolean>();
  let shown: Frame = {};
  let callOff: (() => void) | undefined;
  const drop = (response: ServerResponse) => {
    if (!open.delete(response)) return;
    metrics.set('supervisor_page_listeners', open.size);
    if (open.size > 0) return;
    callOff?.();
    callOff = undefined;
  };
  const send = (response: ServerResponse, text: string) => {
    response.write(text);
    if (response.writableLength <= BACKLOG_MAX_BYTES) return;
    metrics.count('supervisor_page_listeners_dropped_total', { reason: 'slow' });
    drop(response);
    response.destroy();
  };
  const turn = async () => {
    const next = await frame();
    const changed = eventOf(Object.fromEntries(Object.entries(next).filter(([id, text]) => shown[id] !== text)));
    shown = next;
    let whole: string | undefined;
    for (const [response, hasAll] of [...open]) {
      whole ??= hasAll ? undefined : eventOf(next);
      send(response, hasAll ? changed : (whole ?? ''));
      if (open.has(response)) open.set(response, true);
    }
  };
  const wait = (ms: number) => {
    callOff = later(ms, () => {
      callOff = undefined;
      turn()
        .catch(failed)
        .finally(() => {
          if (open.size > 0 && callOff === undefined) wait(FRAME_MS);
        });
    });
  };
  return {
    add(request, response, headers) {
      if (open.size >= max) {
        metrics.count('supervisor_page_listeners_dropped_total', { reason: 'full' });
        throw new AppError('PAGE_FULL', { max });
      }
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
      response.write(`retry: ${COME_BACK_MS}\n\n`);
      open.set(response, false);
      metrics.set('supervisor_page_listeners', open.size);
      response.on('error', () => drop(response));
      response.once('close', () => drop(response));
      request.once('aborted', () => drop(response));
      if (open.size === 1 && callOff === undefined) wait(0);
    },
    close() {
      callOff?.();
      callOff = undefined;
      for (const response of [...open.keys()]) {
        drop(response);
        response.destroy();
      }
    },
  };
}

const eventOf = (frame: Frame): string => `event: frame\ndata: ${JSON.stringify(frame)}\n\n`;

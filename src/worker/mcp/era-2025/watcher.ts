/** What the exchange behind a server needs to know of the requests that run in it. */
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { CallExtra } from './caller.ts';
import type { Wishes } from './wishes.ts';

/** Whom a server tells that its calls run; `cancelled` calls get no answer from the SDK. */
export interface CallWatcher {
  /** The client takes no streams, so it cannot be asked anything while a call runs. */
  readonly isJsonOnly?: boolean;
  /** What its client wants to hear. */
  readonly wishes: Wishes;
  started(): void;
  ended(): void;
  cancelled(requestId: RequestId): void;
}

/** Runs the work of one request and tells the watcher. */
export async function watched<T>(watcher: CallWatcher, extra: CallExtra, work: () => Promise<T>): Promise<T> {
  watcher.started();
  try {
    return await work();
  } finally {
    watcher.ended();
    if (extra.signal.aborted) watcher.cancelled(extra.requestId);
  }
}

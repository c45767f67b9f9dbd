/**
 * What the SDK server of one session is connected to: single requests go to it directly, with one feed each for what it
 * says about them; everything else (initialize, notifications, answers of the client, the listening stream) takes the
 * SDK's own Streamable HTTP transport.
 *
 * The direct way is there for speed: no web requests, streams and events have to be made and taken apart again.
 */
import { randomBytes } from 'node:crypto';
import type { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageExtraInfo,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { AppError } from '../../../shared/errors.ts';

/** What comes of a request; `answer` or `ended` is the last that is heard of it. */
export interface CallFeed {
  /** @param isRequest the client has to answer it */
  event(json: string, isRequest: boolean): void;
  answer(json: string): void;
  /** There is no answer: the request was cancelled, or the session is no longer held here. */
  ended(): void;
}

/** The message when it is one request that can be called directly. */
export function directRequest(message: unknown): JSONRPCRequest | undefined {
  return isJSONRPCRequest(message) && message.method !== 'initialize' ? message : undefined;
}

/** Of the requests in a message, or in a list of them. */
function requestIdsOf(message: unknown): RequestId[] {
  const messages: readonly unknown[] = Array.isArray(message) ? message : [message];
  return messages.flatMap((one) => (isJSONRPCRequest(one) ? [one.id] : []));
}

export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;
  readonly #http: WebStandardStreamableHTTPServerTransport;
  /** The SDK counts its own requests from 0 in every copy of a session; an answer meant for another copy must not fit. */
  readonly #name = `${randomBytes(6).toString('base64url')}.`;
  readonly #feeds = new Map<RequestId, CallFeed>();
  /** What ends the requests that are run without the SDK. */
  readonly #plain = new Map<RequestId, AbortController>();
  /** Requests that went the SDK's own way and have no answer yet. */
  readonly #others = new Set<RequestId>();

  constructor(http: WebStandardStreamableHTTPServerTransport) {
    this.#http = http;
    http.onclose = () => this.#closed();
    http.onerror = (error) => this.onerror?.(error);
    http.onmessage = (message, extra) => this.onmessage?.(this.#received(message), extra);
  }

  get sessionId(): string | undefined {
    return this.#http.sessionId;
  }

  start(): Promise<void> {
    return this.#http.start();
  }

  close(): Promise<void> {
    for (const id of [...this.#others]) this.#answerFor(id, 'The session has ended');
    return this.#http.close();
  }

  /** A list is answered as a whole: without a word for each request of it, its HTTP exchange would never end. */
  #answerFor(id: RequestId, message: string): void {
    this.#others.delete(id);
    // A client that is gone hears nothing.
    this.#http.send({ jsonrpc: '2.0', id, error: { code: ErrorCode.ConnectionClosed, message } }).catch(() => {});
  }

  /**
   * Two requests of one id would take each other's answers, and one of them would wait for ever.
   * @throws AppError BAD_REQUEST when the message, or one of a list, has the id of a request that still runs
   */
  refuseTwin(message: unknown): void {
    const seen = new Set<RequestId>();
    for (const id of requestIdsOf(message)) {
      if (seen.has(id) || this.#feeds.has(id) || this.#others.has(id)) {
        throw new AppError('BAD_REQUEST', { reason: 'this id belongs to a request that still runs' });
      }
      seen.add(id);
    }
  }

  /** What the SDK's own transport is about to be given runs from now on; the function says that it was not taken. */
  expect(message: unknown): () => void {
    this.#cancelPlain(message);
    const ids = requestIdsOf(message);
    for (const id of ids) this.#others.add(id);
    return () => {
      for (const id of ids) this.#others.delete(id);
    };
  }

  /** False when a request of this id runs already, or the session has ended. */
  call(request: JSONRPCRequest, extra: MessageExtraInfo, feed: CallFeed): boolean {
    if (this.#feeds.has(request.id) || this.onmessage === undefined) return false;
    this.#feeds.set(request.id, feed);
    this.onmessage(request, extra);
    return true;
  }

  /** As `call`, for a request that `work` answers in the SDK's place; it rejects only for what is a fault of this program. */
  run({ id }: JSONRPCRequest, work: (signal: AbortSignal) => Promise<object>, feed: CallFeed): boolean {
    if (this.#feeds.has(id) || this.onmessage === undefined) return false;
    const stop = new AbortController();
    this.#feeds.set(id, feed);
    this.#plain.set(id, stop);
    const end = (answer: () => object) => {
      // Another request may have the id by now.
      if (this.#plain.get(id) !== stop) return;
      this.#plain.delete(id);
      const waiting = this.#take(id);
      if (stop.signal.aborted) waiting?.ended();
      else waiting?.answer(JSON.stringify({ jsonrpc: '2.0', id, ...answer() }));
    };
    work(stop.signal).then(
      (result) => end(() => ({ result })),
      (error: unknown) => {
        this.onerror?.(error instanceof Error ? error : new Error(String(error)));
        end(() => ({ error: { code: ErrorCode.InternalError, message: 'Internal error' } }));
      },
    );
    return true;
  }

  /** Ends what a cancellation, or one of a list of messages, names and the SDK does not run. */
  #cancelPlain(message: unknown): void {
    if (this.#plain.size === 0) return;
    for (const one of Array.isArray(message) ? message : [message]) {
      if (!isJSONRPCNotification(one) || one.method !== 'notifications/cancelled') continue;
      this.#plain.get((one.params as { requestId?: RequestId } | undefined)?.requestId ?? '')?.abort();
    }
  }

  /** The SDK answers a cancelled request with silence; its HTTP exchange must end all the same. */
  cancelled(id: RequestId): void {
    if (this.#others.has(id)) this.#answerFor(id, 'The request was cancelled');
    this.#take(id)?.ended();
  }

  async send(sent: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    const message = this.#named(sent);
    const { relatedRequestId } = options;
    const related = relatedRequestId === undefined ? {} : { relatedRequestId };
    if (!('method' in message)) {
      const feed = message.id === undefined ? undefined : this.#take(message.id);
      if (message.id !== undefined) this.#others.delete(message.id);
      if (feed === undefined) return this.#http.send(message, related);
      feed.answer(JSON.stringify(message));
      return;
    }
    const feed = relatedRequestId === undefined ? undefined : this.#feeds.get(relatedRequestId);
    if (feed === undefined) return this.#http.send(message, related);
    feed.event(JSON.stringify(message), 'id' in message);
  }

  /** A request of this copy, or the word that it is no longer of interest, with an id that no other copy uses. */
  #named(message: JSONRPCMessage): JSONRPCMessage {
    if (!('method' in message)) return message;
    if ('id' in message) return { ...message, id: `${this.#name}${message.id}` };
    const { requestId } = (message.params ?? {}) as { requestId?: RequestId };
    if (requestId === undefined || message.method !== 'notifications/cancelled') return message;
    return { ...message, params: { ...message.params, requestId: `${this.#name}${requestId}` } };
  }

  /** An answer of the client, under the number the SDK knows. */
  #received(message: JSONRPCMessage): JSONRPCMessage {
    if ('method' in message || typeof message.id !== 'string' || !message.id.startsWith(this.#name)) return message;
    return { ...message, id: Number(message.id.slice(this.#name.length)) };
  }

  #take(id: RequestId): CallFeed | undefined {
    const feed = this.#feeds.get(id);
    this.#feeds.delete(id);
    return feed;
  }

  #closed(): void {
    const feeds = [...this.#feeds.values()];
    this.#feeds.clear();
    this.#others.clear();
    const stops = [...this.#plain.values()];
    this.#plain.clear();
    for (const stop of stops) stop.abort();
    this.onclose?.();
    for (const feed of feeds) feed.ended();
  }
}

/**
 * What the SDK server of one session is connected to: single requests go to it directly, with one feed each for what it
 * says about them; everything else (initialize, notifications, answers of the client, the listening stream) takes the
 * SDK's own Streamable HTTP transport.
 *
 * The direct way is there for speed: no web requests, streams and events have to be made and taken apart again.
 */
import type { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageExtraInfo,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';

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

export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;
  readonly #http: WebStandardStreamableHTTPServerTransport;
  readonly #feeds = new Map<RequestId, CallFeed>();

  constructor(http: WebStandardStreamableHTTPServerTransport) {
    this.#http = http;
    http.onclose = () => this.#closed();
    http.onerror = (error) => this.onerror?.(error);
    http.onmessage = (message, extra) => this.onmessage?.(message, extra);
  }

  get sessionId(): string | undefined {
    return this.#http.sessionId;
  }

  start(): Promise<void> {
    return this.#http.start();
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** False when a request of this id runs already, which the caller tells its client. */
  call(request: JSONRPCRequest, extra: MessageExtraInfo, feed: CallFeed): boolean {
    if (this.#feeds.has(request.id) || this.onmessage === undefined) return false;
    this.#feeds.set(request.id, feed);
    this.onmessage(request, extra);
    return true;
  }

  /** The SDK answers a cancelled request with silence; its HTTP exchange must end all the same. */
  cancelled(id: RequestId): void {
    this.#http.closeSSEStream(id);
    this.#take(id)?.ended();
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    const { relatedRequestId } = options;
    const related = relatedRequestId === undefined ? {} : { relatedRequestId };
    if (!('method' in message)) {
      const feed = message.id === undefined ? undefined : this.#take(message.id);
      if (feed === undefined) return this.#http.send(message, related);
      feed.answer(JSON.stringify(message));
      return;
    }
    const feed = relatedRequestId === undefined ? undefined : this.#feeds.get(relatedRequestId);
    if (feed === undefined) return this.#http.send(message, related);
    feed.event(JSON.stringify(message), 'id' in message);
  }

  #take(id: RequestId): CallFeed | undefined {
    const feed = this.#feeds.get(id);
    this.#feeds.delete(id);
    return feed;
  }

  #closed(): void {
    const feeds = [...this.#feeds.values()];
    this.#feeds.clear();
    this.onclose?.();
    for (const feed of feeds) feed.ended();
  }
}

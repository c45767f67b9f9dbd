/**
 * A transport of the SDK for a wire that carries one message after the other both ways, such as a
 * WebSocket or the lines of stdin and stdout.
 *
 * One wire is one session: it lives here, nobody adopts it, and it ends with the wire. What carries the texts, and what
 * may come in, is the caller's; this file knows which requests still wait for their answer.
 */
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import type { MessageOrigin } from './caller.ts';
import { methodLabel } from './message.ts';
import type { CallWatcher } from './watcher.ts';
import { ONE_WIRE, Wishes } from './wishes.ts';

export interface Wire {
  write(text: string): void;
  /** The session is over; the wire is of no more use. */
  end(): void;
}

/** A request that was answered, or cancelled, which gets no answer. */
export interface RequestEnd {
  readonly method: string;
  readonly outcome: 'answered' | 'failed' | 'cancelled';
  readonly startedAt: number;
}

interface Waiting {
  readonly method: string;
  readonly startedAt: number;
  readonly done: () => void;
}

export class WireTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;
  readonly sessionId: string;
  /** For the server of this session. */
  readonly watcher: CallWatcher;
  readonly #wire: Wire;
  readonly #now: () => number;
  readonly #ended: (end: RequestEnd) => void;
  readonly #waiting = new Map<RequestId, Waiting>();
  #isClosed = false;

  constructor(sessionId: string, wire: Wire, now: () => number, ended: (end: RequestEnd) => void) {
    this.sessionId = sessionId;
    this.#wire = wire;
    this.#now = now;
    this.#ended = ended;
    this.watcher = {
      wishes: new Wishes(ONE_WIRE),
      started: () => {},
      ended: () => {},
      cancelled: (requestId) => this.#settle(requestId, 'cancelled'),
    };
  }

  async start(): Promise<void> {}

  /** Requests whose answer has not left. */
  busy(): number {
    return this.#waiting.size;
  }

  /** The id of a request that may be answered; undefined for everything else. */
  static requestIdOf(value: unknown): RequestId | undefined {
    return isJSONRPCRequest(value) ? value.id : undefined;
  }

  isWaiting(id: RequestId): boolean {
    return this.#waiting.has(id);
  }

  /**
   * Hands a message to the server; `done` is called once its answer has left. False for what is no JSON-RPC message.
   */
  receive(value: unknown, origin: MessageOrigin, done: () => void): boolean {
    const parsed = JSONRPCMessageSchema.safeParse(value);
    if (!parsed.success) {
      done();
      return false;
    }
    const id = WireTransport.requestIdOf(parsed.data);
    if (id === undefined) done();
    else this.#waiting.set(id, { method: methodLabel(value), startedAt: this.#now(), done });
    const authInfo = { token: '', clientId: origin.principal.id, scopes: [], extra: { ...origin } };
    this.onmessage?.(parsed.data, { authInfo });
    return true;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) return;
    this.#wire.write(JSON.stringify(message));
    if (isJSONRPCResultResponse(message)) this.#settle(message.id, 'answered');
    if (isJSONRPCErrorResponse(message) && message.id !== undefined) this.#settle(message.id, 'failed');
  }

  /** From either side; calls that run are cancelled by the SDK. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, 'cancelled');
    this.#wire.end();
    this.onclose?.();
  }

  #settle(id: RequestId, outcome: RequestEnd['outcome']): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.done();
    this.#ended({ method: waiting.method, outcome, startedAt: waiting.startedAt });
  }
}

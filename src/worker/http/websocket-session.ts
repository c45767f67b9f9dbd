/**
 * One WebSocket: an MCP session of its own that lives and ends with it.
 *
 * Text frames only, a bound on what the client leaves unread. From its close on nothing more is heard. On drain it closes with
 * 1012 as soon as its calls have ended and takes no new ones; the client then connects to another worker. This transport
 * is not part of the MCP specification.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RawData, WebSocket } from 'ws';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Principal } from '../../shared/principal.ts';
import type { CallWatcher } from '../mcp/era-2025/watcher.ts';
import { type RequestEnd, WireTransport } from '../mcp/era-2025/wire-transport.ts';
import { parseJson } from './body.ts';
import { rpcError } from './error-reply.ts';

export interface WebSocketClient {
  readonly sessionId: string;
  readonly requestId: string;
  readonly principal: Principal;
}

export interface WebSocketSessionParts {
  readonly makeServer: (watcher: CallWatcher) => Server;
  /** Lets one request in; the function it gives is called when the request has ended. */
  readonly admit: (principal: Principal, message: unknown) => Promise<() => void>;
  readonly maxBacklogBytes: number;
  readonly now: () => number;
  readonly ended: (end: RequestEnd) => void;
  readonly refused: (error: AppError) => void;
  readonly cut: (reason: 'silent' | 'slow_reader') => void;
}

const CLOSE = { textOnly: 1003, policy: 1008, restart: 1012, tryLater: 1013, done: 1000 } as const;
/** How long a client may take to answer a close before the connection is cut. */
const CLOSE_MS = 2000;

export class WebSocketSession {
  readonly #socket: WebSocket;
  readonly #client: WebSocketClient;
  readonly #parts: WebSocketSessionParts;
  readonly #transport: WireTransport;
  #ending: NodeJS.Timeout | undefined;
  #isAlive = true;
  #isDraining = false;
  /** Requests that are being let in. */
  #entering = 0;

  constructor(socket: WebSocket, client: WebSocketClient, parts: WebSocketSessionParts) {
    this.#socket = socket;
    this.#client = client;
    this.#parts = parts;
    const wire = { write: (text: string) => this.#write(text), end: () => this.#close(CLOSE.done, '') };
    this.#transport = new WireTransport(client.sessionId, wire, parts.now, (end) => {
      parts.ended(end);
      setImmediate(() => this.#closeWhenDrained());
    });
  }

  async open(): Promise<void> {
    const { watcher } = this.#transport;
    const server = this.#parts.makeServer(watcher);
    this.#socket.on('message', (data, isBinary) => void this.#hear(data, isBinary));
    this.#socket.on('pong', () => {
      this.#isAlive = true;
    });
    // A frame that is too large or malformed: `ws` closes with the fitting code by itself.
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => {
      clearTimeout(this.#ending);
      void server.close();
    });
    await server.connect(this.#transport);
  }

  busy(): number {
    return this.#transport.busy() + this.#entering;
  }

  /** Asks for a sign of life; cuts the connection when the last one was not answered. */
  ping(): void {
    if (!this.#isAlive) {
      this.#parts.cut('silent');
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    if (this.#isOpen()) this.#socket.ping();
  }

  drain(): void {
    this.#isDraining = true;
    this.#closeWhenDrained();
  }

  /** The client is not let in any more. */
  expel(reason: string): void {
    this.#close(CLOSE.policy, reason);
  }

  /** Bytes that wait for the client. */
  unread(): number {
    return this.#socket.bufferedAmount;
  }

  /** `server.max_backlog` bounds them together. */
  hasMany(): boolean {
    return false;
  }

  cut(): void {
    this.#parts.cut('slow_reader');
    this.#socket.terminate();
  }

  /** At once. */
  terminate(): void {
    this.#socket.terminate();
  }

  #closeWhenDrained(): void {
    if (this.#isDraining && this.busy() === 0) this.#close(CLOSE.restart, 'service restart');
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  async #hear(data: RawData, isBinary: boolean): Promise<void> {
    // A client that does not answer a close may go on to send.
    if (!this.#isOpen()) return;
    if (isBinary) return this.#close(CLOSE.textOnly, 'text frames only');
    let id: string | number | null = null;
    this.#entering++;
    try {
      // `ws` hands out one Buffer by default.
      const value = parseJson(data as Buffer);
      const { requestId, principal } = this.#client;
      const asked = WireTransport.requestIdOf(value);
      id = asked ?? null;
      if (asked !== undefined && this.#isDraining) throw new AppError('DRAINING', {});
      const done = asked === undefined ? () => {} : await this.#parts.admit(principal, value);
      if (!this.#isOpen()) return done();
      if (asked !== undefined && this.#transport.isWaiting(asked)) {
        done();
        throw new AppError('BAD_REQUEST', { reason: 'this id belongs to a request that still runs' });
      }
      if (!this.#transport.receive(value, { requestId, principal }, done)) {
        throw new AppError('BAD_REQUEST', { reason: 'the frame holds no JSON-RPC message' });
      }
    } catch (thrown) {
      const error = toAppError(thrown, 'websocket');
      this.#parts.refused(error);
      this.#write(JSON.stringify(rpcError(error, id)));
    } finally {
      this.#entering--;
      this.#closeWhenDrained();
    }
  }

  #write(text: string): void {
    if (!this.#isOpen()) return;
    if (this.#socket.bufferedAmount > this.#parts.maxBacklogBytes) {
      this.#parts.cut('slow_reader');
      this.#close(CLOSE.tryLater, 'too much is unread');
      return;
    }
    this.#socket.send(text, () => {});
  }

  #close(code: number, reason: string): void {
    if (!this.#isOpen()) return;
    this.#socket.close(code, reason);
    this.#ending = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
  }
}

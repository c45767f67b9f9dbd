/**
 * What clients leave unread, all answers of this worker together: over the bound the connections that hold the most are cut.
 *
 * Each has a bound of its own (`server.stall_timeout`, `server.max_backlog`); many that are left unread at once would fill
 * the memory all the same, and with it end everybody's calls. A single answer alone is left to its own bound.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Reader {
  /** Bytes that wait for the client. */
  unread(): number;
  /** They are of several answers. */
  hasMany(): boolean;
  cut(): void;
}

const LOOK_EVERY_MS = 250;

export class UnreadBudget {
  readonly #maxBytes: number;
  readonly #readers = new Set<Reader>();
  /** Those that waited at the last look: whoever reads at once is not among them. */
  #waited: ReadonlySet<Reader> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The function it gives says that it is gone. */
  add(reader: Reader): () => void {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Cuts what is too much, the largest first. */
  look(): void {
    const waiting = [...this.#readers]
      .map((reader) => ({ reader, bytes: reader.unread() }))
      .filter(({ bytes }) => bytes > 0)
      .sort((one, other) => other.bytes - one.bytes);
    let total = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    let left = waiting.length;
    for (const { reader, bytes } of waiting) {
      if (total <= this.#maxBytes || (left === 1 && !reader.hasMany())) break;
      if (!this.#waited.has(reader)) continue;
      total -= bytes;
      left--;
      this.#readers.delete(reader);
      reader.cut();
    }
    this.#waited = new Set(waiting.map(({ reader }) => reader));
  }
}

/**
 * Counts what a client leaves unread of all answers on its connection, those that wait for their turn included.
 * @param onCut told of each connection that is cut
 */
export function unreadCounter(budget: UnreadBudget, onCut: () => void): (response: ServerResponse) => void {
  const waiting = new WeakMap<Socket, Set<ServerResponse>>();
  const answersOn = (socket: Socket): Set<ServerResponse> => {
    const known = waiting.get(socket);
    if (known !== undefined) return known;
    const answers = new Set<ServerResponse>();
    waiting.set(socket, answers);
    const leave = budget.add({
      unread: () => [...answers].reduce((sum, { writableLength }) => sum + writableLength, 0),
      hasMany: () => [...answers].filter(({ writableLength }) => writableLength > 0).length > 1,
      cut: () => {
        onCut();
        socket.destroy();
      },
    });
    // An answer whose turn never came is not told that its connection has closed.
    socket.once('close', leave);
    return answers;
  };
  return (response) => {
    const answers = answersOn(response.req.socket);
    answers.add(response);
    response.once('close', () => answers.delete(response));
  };
}

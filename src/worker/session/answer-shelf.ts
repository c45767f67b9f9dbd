/**
 * Which answers are kept, within a bound for each session and one for all: the oldest goes first. Pure bookkeeping.
 */
export interface ShelfItem {
  readonly key: string;
  readonly session: string;
  readonly bytes: number;
  /** Of the record as it was last written. */
  readonly version: number;
  readonly atMs: number;
}

export class AnswerShelf {
  readonly #sessionBytes: number;
  readonly #totalBytes: number;
  /** Oldest first, as are those of a session. */
  readonly #items = new Map<string, ShelfItem>();
  readonly #sessions = new Map<string, Map<string, ShelfItem>>();
  #bytes = 0;

  constructor(sessionBytes: number, totalBytes: number) {
    this.#sessionBytes = Math.min(sessionBytes, totalBytes);
    this.#totalBytes = totalBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept for each session. */
  perSession(): readonly { readonly id: string; readonly bytes: number; readonly events: number }[] {
    return [...this.#sessions].map(([id, items]) => ({
      id,
      bytes: [...items.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      events: items.size,
    }));
  }

  /** False for what no eviction could make room for. */
  mayHold(bytes: number): boolean {
    return bytes <= this.#sessionBytes;
  }

  /** Puts an answer on the shelf; returns those that had to leave. */
  put(item: ShelfItem): readonly ShelfItem[] {
    this.take(item.key);
    this.#items.set(item.key, item);
    const own = this.#sessions.get(item.session) ?? new Map<string, ShelfItem>();
    this.#sessions.set(item.session, own.set(item.key, item));
    this.#bytes += item.bytes;
    const left: ShelfItem[] = [];
    let ofSession = [...own.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const oldest of own.values()) {
      if (ofSession <= this.#sessionBytes || oldest === item) break;
      ofSession -= oldest.bytes;
      left.push(oldest);
    }
    for (const oldest of left) this.take(oldest.key);
    for (const oldest of this.#items.values()) {
      if (this.#bytes <= this.#totalBytes || oldest === item) break;
      left.push(oldest);
      this.take(oldest.key);
    }
    return left;
  }

  take(key: string): ShelfItem | undefined {
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    this.#items.delete(key);
    this.#bytes -= item.bytes;
    const own = this.#sessions.get(item.session);
    own?.delete(key);
    if (own?.size === 0) this.#sessions.delete(item.session);
    return item;
  }

  /** Takes what is as old as this or older. */
  takeUntil(atMs: number): readonly ShelfItem[] {
    const old: ShelfItem[] = [];
    for (const item of this.#items.values()) {
      if (item.atMs > atMs) break;
      old.push(item);
    }
    for (const { key } of old) this.take(key);
    return old;
  }
}

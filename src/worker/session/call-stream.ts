/**
 * The answer of one call on its way to a client that may lose its connection and come back.
 *
 *   begun    nothing is kept, the client has no event id
 *   primed   the record is written, the client has an id; events are numbered and kept in memory while the call runs
 *   over     the record has the answer; nothing of it is left in memory
 *
 * One reader at a time, the newest. The answer goes out only after the record took it: a worker whose call was taken over
 * meanwhile finds the record changed, and cuts its client off instead of answering a second time.
 */
import type { Stored } from '../state/store.ts';
import {
  eventId,
  firstNumber,
  REQUEST_MAX_BYTES,
  type StreamEnd,
  type StreamRecord,
  streamKey,
} from './stream-record.ts';

export interface StreamCall {
  readonly session: string;
  readonly message: unknown;
  /** Of the message as it came. */
  readonly bytes: number;
  readonly rpcId: string | number;
  readonly requestId: string;
  readonly isRepeatable: boolean;
}

/** Where events go. */
export interface StreamReader {
  write(text: string): void;
  /** There is nothing more. */
  end(): void;
  /** The client must come back: what it waits for is somewhere else. */
  cut(): void;
}

/** Where a stream writes itself down; all of it is bounded there. */
export interface StreamKeeper {
  readonly owner: string;
  now(): number;
  create(stream: CallStream, record: StreamRecord): Promise<Stored<StreamRecord>>;
  /** A store may forget the record soon, unless it is written again. */
  isStale(record: StreamRecord): boolean;
  /** Undefined when another worker has taken the call over. */
  replace(stored: Stored<StreamRecord>, record: StreamRecord): Promise<Stored<StreamRecord> | undefined>;
  /** The answer as it may be kept: null when it is too large. */
  fit(answer: string): string | null;
  over(stream: CallStream, stored: Stored<StreamRecord> | undefined): void;
  evicted(): void;
}

/** A client comes back after this time. The official one tries twice, so an outage of twice as long is bridged. */
export const RETRY_MS = 1000;
/** Events of a running call that are kept for a reader to come. */
const KEPT_EVENTS = 100;

export class CallStream {
  readonly id: string;
  readonly call: StreamCall;
  readonly #keeper: StreamKeeper;
  #stored: Stored<StreamRecord> | undefined;
  #no: number;
  #events: { readonly no: number; readonly text: string }[] = [];
  #reader: StreamReader | undefined;
  #isOver = false;
  #isAsking = false;
  #queryId: () => string | undefined = () => undefined;
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(keeper: StreamKeeper, id: string, call: StreamCall, stored?: Stored<StreamRecord>) {
    this.id = id;
    this.call = call;
    this.#keeper = keeper;
    this.#stored = stored;
    this.#no = firstNumber(stored?.value.tries ?? 1);
  }

  get key(): string {
    return streamKey(this.call.session, this.id);
  }

  get isPrimed(): boolean {
    return this.#stored !== undefined;
  }

  /** Writes the call down; resolves to the text that gives the client its first event id. */
  async prime(): Promise<string> {
    const { session, message, bytes, rpcId, requestId, isRepeatable } = this.call;
    const queryId = this.#queryId();
    this.#stored = await this.#keeper.create(this, {
      session,
      owner: this.#keeper.owner,
      message: bytes > REQUEST_MAX_BYTES ? null : message,
      rpcId,
      requestId,
      isRepeatable,
      ...(queryId === undefined ? {} : { queryId }),
      ...(this.#isAsking ? { isAsking: true } : {}),
      tries: 1,
      writtenAtMs: this.#keeper.now(),
    });
    // An event without data: clients note its id and come back after `retry`.
    return `id: ${eventId(this.id, ++this.#no)}\nretry: ${RETRY_MS}\ndata: \n\n`;
  }

  /** Tells where to look for the id that Snowflake gives the call's statement. */
  follow(queryId: () => string | undefined): void {
    this.#queryId = queryId;
  }

  /** Writes down the id of the statement, once it is known, and of a long call from time to time that it still runs. */
  async note(): Promise<void> {
    const known = this.#stored?.value;
    const queryId = this.#queryId() ?? known?.queryId;
    if (queryId === known?.queryId && (known === undefined || !this.#keeper.isStale(known))) return;
    const named = queryId === undefined ? {} : { queryId };
    await this.#write((record) => ({ ...record, ...named })).catch(() => undefined);
  }

  /** Notes that the client is asked whether the call may run. */
  async ask(): Promise<void> {
    this.#isAsking = true;
    if (this.#stored !== undefined) await this.#write((record) => ({ ...record, isAsking: true })).catch(() => false);
  }

  /** It runs from now on. False when another worker has taken the call over. @throws AppError STATE_UNAVAILABLE */
  asked(): Promise<boolean> {
    this.#isAsking = false;
    return this.#write(({ isAsking: _over, ...record }) => record);
  }

  /** @param json a message that is not the answer */
  event(json: string): void {
    const numbered = this.#number(json);
    this.#events.push(numbered);
    if (this.#events.length > KEPT_EVENTS) {
      this.#events.shift();
      this.#keeper.evicted();
    }
    this.#reader?.write(numbered.text);
  }

  /** Something that is no event, to keep the connection open. */
  comment(text: string): void {
    this.#reader?.write(text);
  }

  /** The last event. False when another worker answers: this one has cut its client off. */
  async answer(json: string): Promise<boolean> {
    const numbered = this.#number(json);
    const answer = this.#keeper.fit(json);
    if (!(await this.#end({ no: numbered.no, answer, isCancelled: false }))) return false;
    this.#reader?.write(numbered.text);
    this.#reader?.end();
    return true;
  }

  /** The call was cancelled: there is no answer, now or later. */
  async cancelled(): Promise<void> {
    if (await this.#end({ no: ++this.#no, answer: null, isCancelled: true })) this.#reader?.end();
  }

  /** This worker will not answer; the record says that the call is still to be answered. */
  abandon(): void {
    this.#isOver = true;
    this.#keeper.over(this, undefined);
    this.#reader?.cut();
  }

  /** Gives the reader what it has missed after the event `no`, and what is to come; an earlier reader ends. */
  attach(reader: StreamReader, no: number): void {
    this.#reader?.end();
    this.#reader = reader;
    for (const event of this.#events) if (event.no > no) reader.write(event.text);
    if (this.#isOver) reader.cut();
  }

  detach(reader: StreamReader): void {
    if (this.#reader === reader) this.#reader = undefined;
  }

  #number(json: string): { readonly no: number; readonly text: string } {
    const no = ++this.#no;
    return { no, text: `event: message\nid: ${eventId(this.id, no)}\ndata: ${json}\n\n` };
  }

  async #end(end: StreamEnd): Promise<boolean> {
    let isMine = true;
    try {
      isMine = await this.#write((record) => ({ ...record, message: null, end }));
    } catch {
      // A store that fails lets nobody take the call over either.
    }
    this.#isOver = true;
    this.#keeper.over(this, isMine ? this.#stored : undefined);
    if (!isMine) this.#reader?.cut();
    return isMine;
  }

  #write(change: (record: StreamRecord) => StreamRecord): Promise<boolean> {
    const write = this.#writing.then(async () => {
      if (this.#stored === undefined) return true;
      const record = { ...change(this.#stored.value), writtenAtMs: this.#keeper.now() };
      const stored = await this.#keeper.replace(this.#stored, record);
      if (stored !== undefined) this.#stored = stored;
      return stored !== undefined;
    });
    this.#writing = write.then(
      () => undefined,
      () => undefined,
    );
    return write;
  }
}

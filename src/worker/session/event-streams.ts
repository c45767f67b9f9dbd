/**
 * The resumable calls of this worker: those that run, and the answers it keeps for clients that come back.
 *
 * Records live in the shared store, so that any worker can carry a call on; while it fails, in this worker. Bounds hold
 * for each session and for the worker: the oldest answer goes first, then its record says that the answer is gone.
 * What workers that ended have left is removed by whoever finds it older than the time to live.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import type { StateStore, Stored } from '../state/store.ts';
import { AnswerShelf, type ShelfItem } from './answer-shelf.ts';
import { CallStream, type StreamCall, type StreamKeeper } from './call-stream.ts';
import { newStreamId, type StreamRecord, streamKey } from './stream-record.ts';

export interface EventStreamsOptions {
  /** Undefined when it could not be opened. */
  readonly shared: StateStore<StreamRecord> | undefined;
  /** The name this worker owns sessions under now. */
  owner(): string;
  /** True when the worker of that name has ended, or has lost its lease. */
  isGone(owner: string): Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly ttlMs: number;
  readonly sessionBytes: number;
  readonly totalBytes: number;
}

const NOTE_EVERY_MS = 500;
const SWEEP_EVERY_MS = 10_000;
const PAGE = 100;
/** What a record takes beside its texts. */
const RECORD_BYTES = 300;

export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #memory = createMemoryStore<StreamRecord>();
  readonly #running = new Map<string, CallStream>();
  readonly #shelf: AnswerShelf;
  readonly #keeper: StreamKeeper;
  #cursor = '';
  #noter: NodeJS.Timeout | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    const { clock, owner, sessionBytes, totalBytes } = options;
    this.#shelf = new AnswerShelf(sessionBytes, totalBytes);
    this.#keeper = {
      get owner() {
        return owner();
      },
      now: () => clock.wall().getTime(),
      create: (stream, record) => this.#create(stream, record),
      replace: (stored, record) => this.#rewrite(stored, record),
      isStale: ({ writtenAtMs }) => clock.wall().getTime() - writtenAtMs > options.ttlMs,
      fit: (answer) => this.#fit(answer),
      over: (stream, stored) => this.#over(stream, stored),
      evicted: () => this.#evicted('events'),
    };
  }

  /** Looks for query ids and for what is too old, until `close`. */
  start(): void {
    this.#noter = setInterval(() => {
      void this.noteAll();
    }, NOTE_EVERY_MS).unref();
    this.#sweeper = setInterval(() => {
      this.sweep().catch((error: unknown) => this.#options.log.warn('events.sweep_failed', 'sweep', { error }));
    }, SWEEP_EVERY_MS).unref();
  }

  /** Writes down query ids that have become known. */
  async noteAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((stream) => stream.note()));
  }

  /** A call whose answer may become resumable; nothing is kept of it before that. */
  begin(call: StreamCall): CallStream {
    return new CallStream(this.#keeper, newStreamId(), call);
  }

  /** A call that runs here. */
  running(session: string, stream: string): CallStream | undefined {
    return this.#running.get(streamKey(session, stream));
  }

  /** What is known of a call, whoever has run it. */
  async find(session: string, stream: string): Promise<Stored<StreamRecord> | undefined> {
    const key = streamKey(session, stream);
    for (const store of this.#stores()) {
      const found = await store.get(key);
      if (found?.value.session === session) return found;
    }
    return undefined;
  }

  /** Takes over a call whose worker is gone; undefined when another one was faster, or it has ended meanwhile. */
  async claim(found: Stored<StreamRecord>): Promise<CallStream | undefined> {
    const { isAsking: _asksAnew, ...known } = found.value;
    const { session, message, rpcId, requestId, isRepeatable, tries } = known;
    const record = { ...known, owner: this.#keeper.owner, tries: tries + 1, writtenAtMs: this.#keeper.now() };
    const stored = await this.#replace(found, record);
    if (stored === undefined) return undefined;
    const call = { session, message, bytes: 0, rpcId, requestId, isRepeatable };
    const stream = new CallStream(this.#keeper, found.key.slice(session.length + 1), call, stored);
    this.#running.set(found.key, stream);
    return stream;
  }

  /** Forgets everything of a session that has ended. */
  async drop(session: string): Promise<void> {
    const prefix = streamKey(session, '');
    for (const store of this.#stores()) {
      const page = await store.page(prefix, PAGE);
      for (const { key, version } of page.filter((found) => found.key.startsWith(prefix))) {
        this.#shelf.take(key);
        await store.remove(key, version);
      }
    }
  }

  figures(): { readonly running: number; readonly bytes: number } {
    return { running: this.#running.size, bytes: this.#shelf.bytes };
  }

  /** Answers that this worker keeps for each session. */
  perSession(): ReturnType<AnswerShelf['perSession']> {
    return this.#shelf.perSession();
  }

  async sweep(): Promise<void> {
    const { ttlMs, isGone } = this.#options;
    const oldest = this.#keeper.now() - ttlMs;
    for (const old of this.#shelf.takeUntil(oldest)) await this.#remove(old);
    for (const store of this.#stores()) {
      const page = await store.page(store.kind === 'shared' ? this.#cursor : '', PAGE);
      if (store.kind === 'shared') this.#cursor = page.length === PAGE ? (page.at(-1)?.key ?? '') : '';
      for (const found of page) {
        const { owner, writtenAtMs } = found.value;
        if (writtenAtMs > oldest) continue;
        const isNobodys = owner === this.#keeper.owner ? !this.#running.has(found.key) : await isGone(owner);
        if (isNobodys) await this.#remove(found);
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#noter);
    clearInterval(this.#sweeper);
    await Promise.all(this.#stores().map((store) => store.close()));
  }

  #stores(): readonly StateStore<StreamRecord>[] {
    const { shared } = this.#options;
    return shared === undefined ? [this.#memory] : [this.#memory, shared];
  }

  async #create(stream: CallStream, record: StreamRecord): Promise<Stored<StreamRecord>> {
    const { key } = stream;
    this.#running.set(key, stream);
    try {
      if (await this.#options.shared?.create(key, record)) return { key, value: record, version: 1 };
    } catch (error) {
      this.#options.log.warn('store.failed', 'a call can be resumed only while this worker lives', { error });
    }
    await this.#memory.create(key, record);
    return { key, value: record, version: 1 };
  }

  async #replace(stored: Stored<StreamRecord>, value: StreamRecord): Promise<Stored<StreamRecord> | undefined> {
    const { key } = stored;
    const { shared } = this.#options;
    const store = shared === undefined || (await this.#memory.get(key)) !== undefined ? this.#memory : shared;
    const version = await store.replace(key, value, stored.version);
    return version === undefined ? undefined : { key, value, version };
  }

  /** As `#replace`, past a write of this worker's own whose answer was lost: whoever takes a call over counts one try more. */
  async #rewrite(stored: Stored<StreamRecord>, value: StreamRecord): Promise<Stored<StreamRecord> | undefined> {
    const written = await this.#replace(stored, value);
    if (written !== undefined) return written;
    const found = await this.find(value.session, stored.key.slice(value.session.length + 1));
    const { owner, tries } = stored.value;
    const isOwn = found?.value.owner === owner && found.value.tries === tries && found.value.end === undefined;
    return isOwn ? this.#replace(found, value) : undefined;
  }

  async #remove({ key, version }: { readonly key: string; readonly version: number }): Promise<void> {
    for (const store of this.#stores()) await store.remove(key, version).catch(() => false);
  }

  #fit(answer: string): string | null {
    if (this.#shelf.mayHold(Buffer.byteLength(answer) + RECORD_BYTES)) return answer;
    this.#evicted('size');
    return null;
  }

  #over(stream: CallStream, stored: Stored<StreamRecord> | undefined): void {
    const { key, call } = stream;
    this.#running.delete(key);
    if (stored === undefined) return;
    const { value, version } = stored;
    const bytes = Buffer.byteLength(value.end?.answer ?? '') + RECORD_BYTES;
    for (const left of this.#shelf.put({ key, session: call.session, bytes, version, atMs: value.writtenAtMs })) {
      this.#evict(left).catch((error: unknown) => {
        this.#options.log.debug('events.evict_failed', 'an answer stays until its time to live is over', { error });
      });
    }
  }

  /** The record stays for its time, so that a client that asks is told that the answer is gone. */
  async #evict({ session, key, version }: ShelfItem): Promise<void> {
    this.#evicted('bytes');
    const found = await this.find(session, key.slice(session.length + 1));
    if (found?.version !== version || found.value.end === undefined) return;
    await this.#replace(found, { ...found.value, end: { ...found.value.end, answer: null } });
  }

  #evicted(reason: 'size' | 'bytes' | 'events'): void {
    this.#options.recorder.count('mcp_events_evicted_total', { reason });
  }
}

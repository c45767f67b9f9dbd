/**
 * The sessions this worker holds: at most one live copy each, restored on use, put out of memory when idle, handed over
 * on drain.
 */
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/log.ts';
import type { SessionActivity } from '../../session/activity.ts';
import type { SessionDirectory } from '../../session/directory.ts';
import type { SessionRecord } from '../../session/record.ts';
import {
  type LiveSession,
  type OpenLiveSession,
  openLiveSession,
  restoreLiveSession,
  type SessionMakers,
} from './live-session.ts';

const SWEEP_EVERY_MS = 1000;
const SWEEP_PAGE = 200;
const DRAIN_POLL_MS = 20;

interface Held {
  readonly record: SessionRecord;
  /** Undefined until a request needs it. */
  live: Promise<LiveSession> | undefined;
  usedAt: number;
  /** Open listening streams. */
  streams: number;
}

export interface LiveSessionsOptions extends SessionMakers {
  readonly directory: SessionDirectory;
  /** An idle session without a stream leaves memory after this time; its record brings it back. */
  readonly memoryTtlMs: number;
  /** Told of each request. */
  readonly activity?: SessionActivity;
  readonly clock: Clock;
  readonly log: Log;
}

export class LiveSessions {
  readonly #options: LiveSessionsOptions;
  readonly #held = new Map<string, Held>();
  /** Owned by this worker, in memory or not, with their principals. */
  readonly #owned = new Map<string, string>();
  /** Copies that finish their calls although the session is somebody else's. */
  readonly #leaving = new Set<Promise<void>>();
  #cursor = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveSessionsOptions) {
    this.#options = options;
  }

  start(): void {
    const tick = async () => {
      await this.sweep().catch((error: unknown) => this.#options.log.warn('session.sweep_failed', 'sweep', { error }));
      if (this.#timer !== undefined) this.#timer = setTimeout(tick, SWEEP_EVERY_MS).unref();
    };
    this.#timer = setTimeout(tick, SWEEP_EVERY_MS).unref();
  }

  owned(): number {
    return this.#owned.size;
  }

  /** A new session, for a record that was just written. */
  open(record: SessionRecord): Promise<LiveSession> {
    return this.#wake(record, openLiveSession);
  }

  /** The live copy of a session this worker owns. */
  obtain(record: SessionRecord): Promise<LiveSession> {
    return this.#wake(record, restoreLiveSession);
  }

  /** Notes a request that needs no live copy; one is made by the first that does. */
  use(record: SessionRecord): void {
    this.#note(record);
  }

  /** True while there is a live copy, or one is being made. */
  isLive(id: string): boolean {
    return this.#held.get(id)?.live !== undefined;
  }

  #note(record: SessionRecord): Held {
    const now = this.#options.clock.now();
    this.#options.activity?.note(record.id);
    this.#owned.set(record.id, record.principal);
    const held = this.#held.get(record.id) ?? { record, live: undefined, usedAt: now, streams: 0 };
    held.usedAt = now;
    this.#held.set(record.id, held);
    return held;
  }

  #wake(record: SessionRecord, make: OpenLiveSession): Promise<LiveSession> {
    const held = this.#note(record);
    if (held.live === undefined) {
      const { directory } = this.#options;
      held.live = make(record, this.#options, {
        isListening: () => held.streams > 0,
        save: (wishes) => directory.keepWishes(record, wishes),
      });
      held.live.catch(() => this.#held.delete(record.id));
    }
    return held.live;
  }

  /** Counts an open listening stream; the session stays in memory and in use until `ended` is called. */
  streamOpened(id: string): () => void {
    const held = this.#held.get(id);
    if (held !== undefined) held.streams++;
    return () => {
      if (held === undefined) return;
      held.streams--;
      held.usedAt = this.#options.clock.now();
    };
  }

  /** True for a session that this worker owns for this principal: nobody else may end it. */
  belongsTo(id: string, principal: string): boolean {
    return this.#owned.get(id) === principal;
  }

  /** Lets go of a session that somebody else holds from now on; calls that run here still finish. */
  release(id: string): void {
    const held = this.#held.get(id);
    this.#held.delete(id);
    this.#owned.delete(id);
    if (held === undefined) return;
    const closing = this.#closeWhenIdle(held).finally(() => this.#leaving.delete(closing));
    this.#leaving.add(closing);
  }

  async #closeWhenIdle(held: Held): Promise<void> {
    while (await this.#isBusy(held)) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    await (await held.live?.catch(() => undefined))?.close();
  }

  /** What is known of a session in memory, for when the store cannot be asked. */
  recordOf(id: string): SessionRecord | undefined {
    return this.#held.get(id)?.record;
  }

  /** The right to all sessions of the shared store is lost: their calls are cancelled, their streams end. */
  async fence(): Promise<void> {
    const lost = [...this.#owned].filter(([id, principal]) => !this.#options.directory.livesHere({ id, principal }));
    await Promise.all(lost.map(([id]) => this.drop(id)));
  }

  /** Ends a session: its calls are cancelled. */
  async drop(id: string): Promise<void> {
    const held = this.#held.get(id);
    this.#held.delete(id);
    this.#owned.delete(id);
    const live = await held?.live?.catch(() => undefined);
    await live?.close();
  }

  async #isBusy(held: Held): Promise<boolean> {
    const live = await held.live?.catch(() => undefined);
    return live !== undefined && live.busy() > 0;
  }

  /** One round: idle sessions leave memory, one page of records is looked through for expired ones. */
  async sweep(): Promise<void> {
    const { clock, directory, memoryTtlMs } = this.#options;
    for (const [id, held] of this.#held) {
      if (held.streams > 0 || clock.now() - held.usedAt < memoryTtlMs || (await this.#isBusy(held))) continue;
      this.#held.delete(id);
      await (await held.live?.catch(() => undefined))?.close();
    }
    const isInUse = async (id: string) => {
      const held = this.#held.get(id);
      return held !== undefined && (held.streams > 0 || (await this.#isBusy(held)));
    };
    const { cursor, ended } = await directory.sweep(this.#cursor, SWEEP_PAGE, isInUse);
    this.#cursor = cursor;
    for (const id of ended) await this.drop(id);
  }

  /**
   * Gives every session away: idle ones at once, the others when their calls have ended or `signal` aborts.
   * Listening streams are the caller's to end first.
   */
  async handOverAll(signal: AbortSignal): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (;;) {
      for (const [id, principal] of [...this.#owned]) {
        const held = this.#held.get(id);
        if (held !== undefined && !signal.aborted && (await this.#isBusy(held))) continue;
        await this.#options.directory.handOver({ id, principal }).catch((error: unknown) => {
          this.#options.log.warn('session.hand_over_failed', 'the primary will report this worker gone', { error });
        });
        if (signal.aborted) await this.drop(id);
        else this.release(id);
      }
      if (signal.aborted || (this.#owned.size === 0 && this.#leaving.size === 0)) return;
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
  }
}

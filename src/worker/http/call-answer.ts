/**
 * Brings the answer of a call to its client, and to one that comes back for it.
 *
 *   quiet    nothing has left: a quick answer goes out as JSON in one write, nothing of it is kept, and a call whose worker
 *            ends can be asked of another one
 *   open     a stream without event ids, for clients that cannot come back
 *   primed   after `resumeAfterMs`, or when the call asks its client something: the client has an event id, and from then
 *            on its connection may break
 */
import type { ServerResponse } from 'node:http';
import type { JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import type { CallTies, MessageOrigin } from '../mcp/era-2025/caller.ts';
import { KEEP_ALIVE_MS, type LiveSession } from '../mcp/era-2025/live-session.ts';
import { resumableId } from '../mcp/era-2025/message.ts';
import type { CallFeed } from '../mcp/era-2025/session-transport.ts';
import type { CallStream, StreamReader } from '../session/call-stream.ts';
import type { EventStreams } from '../session/event-streams.ts';
import type { SessionRecord } from '../session/record.ts';
import { replyJson } from './json-reply.ts';

interface Call {
  readonly live: LiveSession;
  /** False when this worker has lost the session: nothing more is said for it. */
  mayWrite(): boolean;
  readonly request: JSONRPCRequest;
  readonly origin: MessageOrigin;
}

/** A request as it came by POST. */
interface PostedCall extends Call {
  readonly record: SessionRecord;
  readonly message: unknown;
  readonly bytes: number;
  readonly isRepeatable: boolean;
}

interface CallAnswerOptions extends Call {
  /** Undefined when the client cannot come back for the answer. */
  readonly stream: CallStream | undefined;
  /** The client takes no streams. */
  readonly isJsonOnly: boolean;
  readonly resumeAfterMs: number;
}

/** A response as the reader of a stream. */
export function readerOf(to: ServerResponse): StreamReader {
  return {
    write: (text) => {
      if (!to.writableEnded && !to.destroyed) to.write(text);
    },
    end: () => {
      if (!to.writableEnded) to.end();
    },
    cut: () => void to.destroy(),
  };
}

/** The head of a stream of events. */
export function eventStreamHead(session: string): Record<string, string> {
  return {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
    'Mcp-Session-Id': session,
  };
}

/** Keeps a silent stream open. */
export const COMMENT = ': keepalive\n\n';

/**
 * False when the call cannot be made directly. Resolves when it is over or nobody waits for it here, which may be long
 * after its client has gone.
 * @throws AppError BAD_REQUEST while a call of its id runs in the session
 */
export async function answerCall(
  { streams, resumeAfterMs }: { readonly streams: EventStreams; readonly resumeAfterMs: number },
  posted: PostedCall,
  to: ServerResponse,
): Promise<boolean> {
  const { live, record, request, message } = posted;
  const { jsonOnly: isJsonOnly, id: session } = record;
  live.refuseTwin(message);
  const rpcId = isJsonOnly ? undefined : resumableId(message, record.protocol);
  const { requestId } = posted.origin;
  const stream =
    rpcId === undefined
      ? undefined
      : streams.begin({ session, message, bytes: posted.bytes, rpcId, requestId, isRepeatable: posted.isRepeatable });
  const origin = { ...posted.origin, ...(stream && tiesTo(stream)) };
  const { mayWrite } = posted;
  const answering = new Answering({ live, mayWrite, request, origin, stream, isJsonOnly, resumeAfterMs }, to);
  if (!live.call(request, origin, answering)) return false;
  await answering.begin();
  return true;
}

/** What the call tells the stream of its answer. */
export function tiesTo(stream: CallStream): CallTies {
  return {
    onStatement: (where) => stream.follow(where),
    asking: { begin: () => stream.ask(), end: () => stream.asked() },
  };
}

class Answering implements CallFeed {
  readonly #options: CallAnswerOptions;
  readonly #to: ServerResponse;
  readonly #client: StreamReader;
  readonly #over: Promise<void>;
  #finish: () => void = () => {};
  #isOver = false;
  /** Notifications of a call that may still be a quick one. */
  #held: string[] = [];
  #priming: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallAnswerOptions, to: ServerResponse) {
    this.#options = options;
    this.#to = to;
    this.#client = readerOf(to);
    this.#over = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  begin(): Promise<void> {
    if (this.#isOver || this.#isForgotten()) return this.#over;
    this.#to.once('close', () => this.#clientGone());
    const { stream, resumeAfterMs } = this.#options;
    this.#timer = setTimeout(() => this.#late(), stream ? resumeAfterMs : KEEP_ALIVE_MS);
    return this.#over;
  }

  event(json: string, isRequest: boolean): void {
    const { stream, isJsonOnly } = this.#options;
    if (this.#isOver || isJsonOnly || this.#isLost() || this.#isForgotten()) return;
    if (stream === undefined) {
      this.#open();
      this.#client.write(`event: message\ndata: ${json}\n\n`);
    } else if (this.#priming === undefined && !isRequest) this.#held.push(json);
    else void this.#prime(stream).then(() => stream.event(json));
  }

  answer(json: string): void {
    const { stream, live } = this.#options;
    if (this.#isOver || this.#isLost()) return;
    if (this.#isForgotten()) {
      this.#end();
      return;
    }
    if (this.#priming !== undefined && stream !== undefined) {
      void this.#priming.then(() => stream.answer(json)).finally(() => this.#end());
      return;
    }
    const to = this.#to;
    if (this.#held.length > 0) this.#open();
    if (to.headersSent) {
      for (const event of [...this.#held, json]) this.#client.write(`event: message\ndata: ${event}\n\n`);
      this.#client.end();
    } else replyJson(to, live.id, json);
    this.#end();
  }

  ended(): void {
    if (this.#isOver || this.#isLost()) return;
    if (this.#isForgotten()) {
      this.#end();
      return;
    }
    const { stream, live, isJsonOnly } = this.#options;
    if (this.#priming !== undefined && stream !== undefined) {
      const last = async () => (live.isClosed() ? stream.abandon() : stream.cancelled());
      void this.#priming.then(last).finally(() => this.#end());
      return;
    }
    const to = this.#to;
    // Without a byte of an answer the call may be asked of another worker.
    if (live.isClosed() && !to.headersSent) to.destroy();
    else if (isJsonOnly) to.writeHead(202).end();
    else {
      this.#open();
      this.#client.end();
    }
    this.#end();
  }

  /** Whoever holds the session now answers; this connection is cut. */
  #isLost(): boolean {
    const { stream, mayWrite } = this.#options;
    if (mayWrite()) return false;
    this.#to.destroy();
    if (stream?.isPrimed) stream.abandon();
    this.#end();
    return true;
  }

  #late(): void {
    if (this.#isLost()) return;
    const { stream, isJsonOnly } = this.#options;
    this.#timer = setInterval(() => this.#comment(), KEEP_ALIVE_MS);
    if (stream !== undefined) void this.#prime(stream);
    else if (!isJsonOnly) this.#comment();
  }

  #comment(): void {
    const { stream, isJsonOnly } = this.#options;
    if (stream !== undefined) stream.comment(COMMENT);
    else if (!isJsonOnly) {
      this.#open();
      this.#client.write(COMMENT);
    }
  }

  #open(): void {
    if (!this.#to.headersSent) this.#to.writeHead(200, eventStreamHead(this.#options.live.id));
  }

  #prime(stream: CallStream): Promise<void> {
    this.#priming ??= stream.prime().then((text) => {
      if (this.#to.destroyed) return;
      this.#open();
      this.#to.write(text);
      stream.attach(this.#client, 0);
      for (const event of this.#held) stream.event(event);
    });
    return this.#priming;
  }

  /** Nobody can come back for what has no event id. It runs on all the same, and keeps its place until it ends. */
  #isForgotten(): boolean {
    return this.#priming === undefined && this.#to.destroyed;
  }

  #clientGone(): void {
    clearTimeout(this.#timer);
    this.#options.stream?.detach(this.#client);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#finish();
  }
}

/** Carries on a call that another worker has begun, for a client that has come back. Resolves when it is over. */
export function answerAgain({ live, mayWrite, request, origin }: Call, stream: CallStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      stream.abandon();
      resolve();
    };
    const isTaken = live.call(request, origin, {
      event: (json) => {
        if (mayWrite()) stream.event(json);
      },
      answer: (json) => {
        if (mayWrite()) stream.answer(json).then(() => resolve(), reject);
        else leave();
      },
      ended: () => {
        if (live.isClosed() || !mayWrite()) leave();
        else stream.cancelled().then(resolve, reject);
      },
    });
    if (!isTaken) leave();
  });
}

/**
 * Brings the answer of a call to its client, and to one that comes back for it.
 *
 * A quick answer leaves as it is: nothing of it is kept. After `resumeAfterMs`, or when the call asks its client something,
 * the stream is primed: the client gets an event id, and from then on its connection may break. Until then no byte has
 * left, so that a call whose worker ends can be asked of another one.
 */
import type { ServerResponse } from 'node:http';
import type { LiveSession } from '../mcp/era-2025/live-session.ts';
import { eventJson, eventKind } from '../mcp/era-2025/message.ts';
import type { CallStream, StreamReader } from '../session/call-stream.ts';
import { copyHead } from './web-bridge.ts';

export interface CallAnswer {
  /** The SDK's answer: one event a piece. */
  readonly from: Response;
  readonly stream: CallStream;
  readonly live: Pick<LiveSession, 'isClosed'>;
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

/** Resolves when the call is over, which may be long after its client has gone. */
export async function answerCall(answer: CallAnswer, to: ServerResponse): Promise<void> {
  const { from, stream, resumeAfterMs } = answer;
  copyHead(from, to);
  if (from.body === null || from.status !== 200) {
    to.end(from.body === null ? undefined : Buffer.from(await from.arrayBuffer()));
    return;
  }
  const reader = from.body.getReader();
  const held: Uint8Array[] = [];
  const client = readerOf(to);
  let priming: Promise<void> | undefined;
  const prime = () => {
    clearTimeout(timer);
    priming ??= stream.prime().then((text) => {
      if (to.destroyed) return;
      to.write(text);
      stream.attach(client, 0);
      for (const event of held) stream.event(eventJson(event));
    });
    return priming;
  };
  const timer = setTimeout(() => void prime(), resumeAfterMs);
  to.once('close', () => {
    clearTimeout(timer);
    // Nobody can come back for what has no event id.
    if (priming === undefined) reader.cancel().catch(() => {});
    else stream.detach(client);
  });
  if (to.destroyed && priming === undefined) await reader.cancel();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const kind = eventKind(value);
      if (priming === undefined) {
        if (kind === 'answer') {
          for (const event of held) to.write(event);
          to.end(value);
          return;
        }
        if (kind === 'notification') held.push(value);
        if (kind !== 'request') continue;
      }
      await prime();
      if ((await passOn(stream, value)) === 'answer') return;
    }
  } finally {
    clearTimeout(timer);
  }
  await priming;
  await endWithout(answer, to);
}

/** Carries on a call that another worker has begun, for a client that has come back. */
export async function answerAgain({ from, stream, live }: CallAnswer, to: ServerResponse): Promise<void> {
  if (from.body === null || !(from.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    await from.body?.cancel();
    stream.abandon();
    return;
  }
  for await (const value of from.body) {
    if ((await passOn(stream, value)) === 'answer') return;
  }
  await endWithout({ from, stream, live, resumeAfterMs: 0 }, to);
}

async function passOn(stream: CallStream, bytes: Uint8Array): Promise<ReturnType<typeof eventKind>> {
  const kind = eventKind(bytes);
  if (kind === 'comment') stream.comment(Buffer.from(bytes).toString());
  else if (kind === 'answer') await stream.answer(eventJson(bytes));
  else stream.event(eventJson(bytes));
  return kind;
}

/** The SDK has ended without an answer: the call was cancelled, or the session is no longer held here. */
async function endWithout({ stream, live }: CallAnswer, to: ServerResponse): Promise<void> {
  if (stream.isPrimed) {
    if (live.isClosed()) stream.abandon();
    else await stream.cancelled();
    // Without a byte of an answer the call may be asked of another worker.
  } else if (live.isClosed() && !to.headersSent) to.destroy();
  else if (!to.writableEnded) to.end();
}

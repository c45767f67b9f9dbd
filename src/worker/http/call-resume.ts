/**
 * A client that comes back for the answer of a call, with the id of the last event it has seen.
 *
 *   the call runs here ........... it gets what it missed, then what is to come
 *   it has ended ................. the answer, or 204: there is nothing more; an answer that was let go is told as such
 *   its worker is gone ........... this one carries it on: waits for the statement that runs on, runs a read once more, or
 *                                  asks its client again whether it may run
 *   ... and it must not run again  an error that says what is known
 *
 * Only calls of the session that asks are found, so an id of anybody else's is simply unknown.
 */
import type { ServerResponse } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { errorText } from '../mcp/call.ts';
import type { MessageOrigin } from '../mcp/era-2025/caller.ts';
import { KEEP_ALIVE_MS, type LiveSession } from '../mcp/era-2025/live-session.ts';
import { directRequest } from '../mcp/era-2025/session-transport.ts';
import type { ToolTable } from '../mcp/tool-table.ts';
import { type CallStream, RETRY_MS } from '../session/call-stream.ts';
import type { EventStreams } from '../session/event-streams.ts';
import type { SessionRecord } from '../session/record.ts';
import { decideResumption, eventId, parseEventId, type StreamRecord } from '../session/stream-record.ts';
import type { Stored } from '../state/store.ts';
import { answerAgain, COMMENT, eventStreamHead, readerOf, tiesTo } from './call-answer.ts';

export interface CallResumeOptions {
  readonly streams: EventStreams;
  readonly tools: ToolTable;
  readonly recorder: Recorder;
}

export interface ReturningClient {
  readonly record: SessionRecord;
  readonly live: LiveSession;
  readonly lastEventId: string;
  /** Of the request that asks now. */
  readonly origin: MessageOrigin;
  /** As for an answer. */
  mayWrite(): boolean;
  readonly to: ServerResponse;
}

/** @throws AppError EVENT_UNKNOWN */
export async function resumeCall(options: CallResumeOptions, client: ReturningClient): Promise<void> {
  const { streams, recorder } = options;
  const { record, to } = client;
  const asked = parseEventId(client.lastEventId);
  if (asked === undefined) throw new AppError('EVENT_UNKNOWN', {});
  const tell = (outcome: string) => recorder.count('mcp_streams_resumed_total', { outcome });
  for (;;) {
    const running = streams.running(record.id, asked.stream);
    if (running !== undefined) {
      tell('attached');
      return attach(running, client, asked.no);
    }
    const found = await streams.find(record.id, asked.stream);
    if (found === undefined) throw new AppError('EVENT_UNKNOWN', {});
    const resumption = decideResumption(found.value, asked.no);
    if (resumption.kind === 'complete') {
      tell('complete');
      to.writeHead(204).end();
      return;
    }
    if (resumption.kind === 'replay') {
      tell('replayed');
      return replay(client, eventId(asked.stream, resumption.no), resumption.answer);
    }
    if (resumption.kind === 'gone') {
      tell('gone');
      const answer = failure(found.value, new AppError('ANSWER_GONE', { reason: 'state.event_bytes' }));
      return replay(client, eventId(asked.stream, found.value.end?.no ?? 0), answer);
    }
    const stream = await streams.claim(found);
    if (stream === undefined) continue;
    attach(stream, client, asked.no);
    if (resumption.kind === 'interrupted') {
      tell('interrupted');
      const { tries } = found.value;
      const error = unknownOutcome(found.value, options.tools) ?? new AppError('CALL_INTERRUPTED', { tries });
      await stream.answer(failure(found.value, error));
      return;
    }
    tell(resumption.queryId === undefined ? 'rerun' : 'reattached');
    return carryOn(stream, found, client);
  }
}

function openStream({ record, to }: ReturningClient): void {
  to.writeHead(200, eventStreamHead(record.id));
  to.flushHeaders();
}

function attach(stream: CallStream, client: ReturningClient, no: number): Promise<void> {
  const reader = readerOf(client.to);
  openStream(client);
  // Its client would come back without an id, had this stream none before it breaks.
  reader.write(`id: ${client.lastEventId}\nretry: ${RETRY_MS}\ndata: \n\n`);
  stream.attach(reader, no);
  return new Promise((resolve) => {
    const timer = setInterval(() => reader.write(COMMENT), KEEP_ALIVE_MS);
    const gone = () => {
      clearInterval(timer);
      stream.detach(reader);
      resolve();
    };
    if (client.to.destroyed) gone();
    else client.to.once('close', gone);
  });
}

function replay(client: ReturningClient, id: string, answer: string): void {
  openStream(client);
  client.to.end(`event: message\nid: ${id}\ndata: ${answer}\n\n`);
}

async function carryOn(stream: CallStream, found: Stored<StreamRecord>, client: ReturningClient): Promise<void> {
  const { live, origin } = client;
  const { message, queryId, requestId } = found.value;
  const request = directRequest(message);
  if (request === undefined) return stream.abandon();
  const ties = { attachTo: queryId, ...tiesTo(stream) };
  const done = live.enter();
  try {
    await answerAgain({ live, mayWrite: client.mayWrite, request, origin: { ...origin, requestId, ...ties } }, stream);
  } catch (error) {
    stream.abandon();
    throw error;
  } finally {
    done();
  }
}

/** Of a call that may have changed something, whoever was to answer it: undefined for all others. */
export function unknownOutcome(
  { message, requestId, queryId }: Pick<StreamRecord, 'message' | 'requestId' | 'queryId'>,
  tools: ToolTable,
): AppError | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } };
  const tool = method === 'tools/call' ? tools.get(String(params?.name)) : undefined;
  if (tool?.annotations.readOnlyHint !== false) return undefined;
  const id = queryId === undefined ? {} : { queryId };
  return new AppError('WRITE_OUTCOME_UNKNOWN', { reason: 'CALL_INTERRUPTED', tag: requestId, ...id });
}

/** The answer of a call that failed: of a tool a result that says so, else a JSON-RPC error. */
function failure({ rpcId, message }: StreamRecord, error: AppError): string {
  const isTool = (message as { method?: unknown } | null)?.method === 'tools/call';
  const { code, message: text, next, retry } = error.toBody();
  const content = [{ type: 'text', text: errorText(error) }];
  return JSON.stringify(
    isTool
      ? { result: { content, isError: true }, jsonrpc: '2.0', id: rpcId }
      : { jsonrpc: '2.0', id: rpcId, error: { code: -32000, message: text, data: { code, next, retry } } },
  );
}

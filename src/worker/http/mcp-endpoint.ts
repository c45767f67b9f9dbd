/**
 * /mcp: MCP Streamable HTTP, whichever worker the request reaches; versions without sessions are answered at once.
 *
 * A new session lives here; a known one is answered by its owner, here or over the owner's socket, or adopted when its
 * owner is gone. 404 only for a session that ended or never was; while nobody can answer, 503 with Retry-After.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createErrorNotes, type ErrorNotes } from '../../shared/error-notes.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { LiveSession } from '../mcp/era-2025/live-session.ts';
import { asInitialize, isOfVersion, isRepeatable, methodLabel, negotiatedVersion } from '../mcp/era-2025/message.ts';
import { neededScope } from '../mcp/needed-scope.ts';
import { beginsWork } from '../mcp/new-work.ts';
import { RETRY_MS } from '../session/call-stream.ts';
import { peerThatTakesWork } from '../session/ownership.ts';
import { INITIALIZE_MAX_BYTES, newSessionId, type SessionRecord } from '../session/record.ts';
import { parseJson, readBody } from './body.ts';
import type { BodyShare } from './body-budget.ts';
import { answerCall } from './call-answer.ts';
import { resumeCall, unknownOutcome } from './call-resume.ts';
import { replyError } from './error-reply.ts';
import type { Exchange, McpEndpointOptions, RequestOrigin } from './mcp-exchange.ts';
import { isModern, serveModern, servePlain } from './modern-endpoint.ts';
import { addressOf, claim, type Elsewhere, watchOwner } from './owner-watch.ts';
import { MOVED_HEADER } from './proxy.ts';
import { answerReady, beginReady } from './ready-reply.ts';
import { callOf, lastEventIdOf, listens, requestsIn } from './request-facts.ts';
import { RunningPlace } from './running-place.ts';
import { toWebRequest, wantsJsonOnly, writeWebResponse } from './web-bridge.ts';

/** Pause before a session is looked for again, unless the primary says something sooner. */
const LOOK_AGAIN_MS = 250;
const MOVED_MS = 20;
/** Its answer is a stream that lasts. */
const LISTEN = 'subscriptions/listen';
/** A listening client comes back after this time. */
const STREAM_END = `retry: ${RETRY_MS}\n\n`;

export class McpEndpoint {
  readonly #options: McpEndpointOptions;
  readonly #streams = new Set<ServerResponse>();
  /** Answers of sessions this worker holds that are being made or written. */
  readonly #serving = new Map<ServerResponse, SessionRecord>();
  readonly #noteError: ErrorNotes;
  #running = 0;
  #total = 0;

  constructor(options: McpEndpointOptions) {
    this.#options = options;
    this.#noteError = createErrorNotes('http', options);
  }

  inflight(): number {
    return this.#running;
  }

  /** Requests since the start. */
  requests(): number {
    return this.#total;
  }

  /** Listening streams of clients that are open. */
  streams(): number {
    return this.#streams.size;
  }

  /** Ends the listening streams of clients with a hint to come back. */
  endStreams(): void {
    for (const response of this.#streams) response.end(response.headersSent ? STREAM_END : undefined);
    void this.#options.modern.endListening();
  }

  /** The right to the sessions of the shared store is lost: nothing more is said for them. */
  fence(): void {
    for (const [response, record] of this.#serving) {
      if (!this.#options.directory.livesHere(record)) response.destroy();
    }
  }

  /** Answers the request; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse, origin: RequestOrigin): Promise<void> {
    const startedAt = this.#options.clock.now();
    const isPost = request.method === 'POST';
    let method = isPost ? 'other' : String(request.method);
    let isProxied = false;
    const place = new RunningPlace();
    const held = this.#options.bodies.open();
    let isRunning = isPost;
    const rest = () => {
      if (isRunning) this.#running--;
      isRunning = false;
      place.leave();
    };
    this.#total++;
    if (isPost) this.#running++;
    try {
      if (!isPost && request.method !== 'GET' && request.method !== 'DELETE') {
        throw new AppError('METHOD_NOT_ALLOWED', { method: String(request.method), allowed: 'GET, POST, DELETE' });
      }
      const exchange = { ...(await this.#read(request, response, origin, held)), place };
      if (isPost) method = methodLabel(exchange.message);
      const requests = requestsIn(exchange.message);
      if (requests > 0) await this.#admit(exchange, requests);
      // Bounded as a stream, not as a call that runs.
      if (method === LISTEN) rest();
      isProxied = await this.#answer(exchange);
    } catch (thrown) {
      const error = toAppError(thrown, '/mcp');
      this.#noteError(error, { request_id: origin.requestId, principal: origin.principal.id });
      replyError(response, error, 'rpc');
    } finally {
      rest();
      held.release();
      if (!isProxied) this.#record(method, response.statusCode, startedAt);
    }
  }

  /** What another worker hands on has been counted a minute there. */
  async #admit({ principal, isInternal, isRemote, place }: Exchange, requests: number): Promise<void> {
    const { admission } = this.#options;
    const enterAgain = () => admission.enterCounted(principal, requests);
    place.enter(isInternal || isRemote ? enterAgain() : await admission.enter(principal, requests), enterAgain);
  }

  /** Tool calls that were answered are recorded where they run, with their tool and outcome; streams have no duration. */
  #record(method: string, status: number, startedAt: number): void {
    const { recorder, clock } = this.#options;
    const isRecordedElsewhere = (method === 'tools/call' || method === LISTEN) && status < 400;
    if (method === 'GET' || isRecordedElsewhere) return;
    recorder.count('mcp_requests_total', { method, tool: '', status: String(status) });
    recorder.observe('mcp_request_duration_seconds', (clock.now() - startedAt) / 1000, { method, tool: '' });
  }

  async #read(
    request: IncomingMessage,
    response: ServerResponse,
    origin: RequestOrigin,
    held: BodyShare,
  ): Promise<Omit<Exchange, 'place'>> {
    const { maxBodyBytes, bodies, recorder, tools, fleet, access } = this.#options;
    if (request.method !== 'POST') return { request, response, ...origin, body: undefined, message: undefined };
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
    if (!/^application\/json\s*(;|$)/i.test(type) || encoding !== 'identity') {
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', {});
    }
    const share = { maxBytes: bodies.maxBytes, grow: held.grow };
    const body = await readBody(request, { maxBytes: maxBodyBytes, share });
    const message = parseJson(body);
    if (Array.isArray(message) && message.length === 0) throw new AppError('BAD_REQUEST', { reason: 'an empty batch' });
    const scope = neededScope(message, tools);
    if (scope !== undefined) access.requireOf(origin.principal, scope);
    if (fleet.isInMaintenance() && beginsWork(message)) throw new AppError('MAINTENANCE', {});
    const { params } = (message ?? {}) as { params?: { name?: unknown } };
    const tool = tools.has(String(params?.name)) ? String(params?.name) : '';
    recorder.observe('mcp_request_size_bytes', body.length, { tool });
    return { request, response, ...origin, body, message };
  }

  /** True when another worker answered. */
  async #answer(exchange: Exchange): Promise<boolean> {
    if (await servePlain(this.#options, exchange)) return false;
    if (isModern(exchange)) {
      await serveModern(this.#options, exchange);
      return false;
    }
    const header = exchange.request.headers['mcp-session-id'];
    if (typeof header === 'string' && header !== '') return this.#answerKnown(exchange, header);
    const peer = this.#options.fleet.isDraining() ? peerThatTakesWork(this.#options.fleet) : undefined;
    const isSent =
      peer !== undefined && !exchange.isInternal && (await this.#handOn(exchange, { kind: 'proxy', to: peer }));
    if (isSent === 'done') return true;
    exchange.place.enterAgain();
    await this.#start(exchange);
    return false;
  }

  async #start(exchange: Exchange): Promise<void> {
    const { directory, sessions, fleet } = this.#options;
    const initialize = asInitialize(exchange.message);
    if (initialize === undefined) {
      throw new AppError('BAD_REQUEST', { reason: 'without an Mcp-Session-Id header only initialize is answered' });
    }
    if ((exchange.body?.length ?? 0) > INITIALIZE_MAX_BYTES) {
      throw new AppError('BODY_TOO_LARGE', { maxBytes: INITIALIZE_MAX_BYTES });
    }
    const { name, version } = initialize.params.clientInfo;
    const fields = {
      id: newSessionId(fleet.incarnation),
      client: `${name} ${version}`.slice(0, 100),
      initialize: exchange.message,
      protocol: negotiatedVersion(initialize),
      jsonOnly: wantsJsonOnly(exchange.request),
    };
    const record = await directory.create(fields, exchange.principal);
    try {
      if (beginReady(this.#options, exchange, initialize, record)) return;
      await this.#serve(exchange, await sessions.open(record), record);
    } finally {
      if (exchange.response.statusCode !== 200) {
        await sessions.drop(record.id);
        await directory.remove(record);
      }
    }
  }

  async #answerKnown(exchange: Exchange, id: string): Promise<boolean> {
    const { directory, fleet, clock, sessions, ownerWaitMs } = this.#options;
    const startedAt = clock.now();
    let lostAt = '';
    for (;;) {
      const place = await directory.locate(id, exchange.principal.id, sessions.recordOf(id));
      const isHis = sessions.belongsTo(id, exchange.principal.id);
      if (place.kind === 'unknown') {
        if (isHis) await sessions.drop(id);
        throw new AppError('SESSION_NOT_FOUND', {});
      }
      if (place.kind === 'local' || place.kind === 'adopt') {
        const mayWait = clock.now() - startedAt < ownerWaitMs;
        const record = place.kind === 'local' ? place.record : await claim(this.#options, place.found, mayWait);
        if (record === undefined) continue;
        exchange.place.enterAgain();
        await this.#serveOwned(exchange, record);
        return false;
      }
      if (isHis) sessions.release(id);
      if (exchange.isInternal || (exchange.isRemote && place.kind === 'remote')) {
        exchange.response.setHeader(MOVED_HEADER, '1');
        throw new AppError('OWNER_UNREACHABLE', { waitedMs: 0 });
      }
      const end = place.kind === 'wait' ? 'unreachable' : await this.#handOn(exchange, place);
      if (end === 'done') return true;
      const waitedMs = Math.round(clock.now() - startedAt);
      // What may have run is asked of one more worker, and only if that does no harm.
      const isLost = end === 'lost' && (!this.#mayRepeat(exchange) || !['', addressOf(place)].includes(lostAt));
      const unknown = isLost ? unknownOutcome(exchange, this.#options.tools) : undefined;
      if (isLost || waitedMs > ownerWaitMs) throw unknown ?? new AppError('OWNER_UNREACHABLE', { waitedMs });
      if (end === 'lost') lostAt = addressOf(place);
      // A worker that broke off is probably dead: other idle connections to it would break as well.
      await fleet.changed(end === 'moved' ? MOVED_MS : LOOK_AGAIN_MS);
    }
  }

  #mayRepeat({ request, message }: Exchange): boolean {
    return request.method !== 'POST' || isRepeatable(message, this.#options.tools);
  }

  async #handOn(exchange: Exchange, place: Elsewhere) {
    if (listens(exchange.request) && !this.#openStream(exchange)) return 'done' as const;
    const gone = new AbortController();
    const stop = watchOwner(place, this.#options, () => gone.abort());
    exchange.place.leave();
    const to = place.kind === 'proxy' ? { socketPath: place.to.socket } : { url: place.url };
    const isOnce = !this.#mayRepeat(exchange);
    try {
      return await this.#options.proxy.send({ ...exchange, to, isOnce, ownerGone: gone.signal });
    } finally {
      stop();
      this.#streams.delete(exchange.response);
    }
  }

  async #serveOwned(exchange: Exchange, record: SessionRecord): Promise<void> {
    const { sessions, directory, streams } = this.#options;
    if (!isOfVersion(exchange.message, record.protocol)) {
      throw new AppError('BAD_REQUEST', { reason: `protocol version ${record.protocol} knows no lists of messages` });
    }
    if (exchange.request.method === 'DELETE') {
      await directory.remove(record);
      await sessions.drop(record.id);
      await streams.drop(record.id);
      exchange.response.writeHead(200).end();
      return;
    }
    directory.touch(record).catch(() => {});
    if (answerReady(this.#options, exchange, record)) return;
    const live = await sessions.obtain(record);
    await this.#serve(exchange, live, record);
  }

  async #serve(exchange: Exchange, live: LiveSession, record: SessionRecord): Promise<void> {
    const { request, response, message, requestId, principal } = exchange;
    const { sessions, directory } = this.#options;
    const origin = { requestId, principal };
    const lastEventId = lastEventIdOf(request);
    const mayWrite = () => directory.holds(record);
    this.#serving.set(response, record);
    if (request.method === 'GET' && lastEventId !== undefined) {
      const client = { record, live, lastEventId, origin, mayWrite, to: response };
      await resumeCall(this.#options, client).finally(() => this.#serving.delete(response));
      return;
    }
    const isStream = listens(exchange.request);
    if (isStream && !this.#openStream(exchange)) {
      this.#serving.delete(response);
      return;
    }
    const done = isStream ? sessions.streamOpened(live.id) : live.enter();
    try {
      const call = isStream ? undefined : callOf(exchange);
      const bytes = exchange.body?.length ?? 0;
      const posted = { live, record, origin, message, bytes, mayWrite, isRepeatable: this.#mayRepeat(exchange) };
      if (call && (await answerCall(this.#options, { ...posted, request: call }, response))) return;
      await writeWebResponse(await live.handle(toWebRequest(request), message, origin), response, mayWrite);
    } finally {
      done();
      this.#serving.delete(response);
      this.#streams.delete(response);
    }
  }

  /** False while draining: the client is told to come back on a new connection, which reaches another worker. */
  #openStream({ response }: Exchange): boolean {
    if (!this.#options.fleet.isDraining()) {
      this.#streams.add(response);
      return true;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }).end(STREAM_END);
    return false;
  }
}

/**
 * Joins the parts that serve MCP over HTTP in one worker: sessions, endpoint, front door, listeners.
 *
 * The program gives what is its own (query service, logs, metrics, view of the fleet); tests give theirs.
 */
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config/schema.ts';
import { AppError } from '../shared/errors.ts';
import type { Facts, Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import type { Access } from './http/access.ts';
import { Admission } from './http/admission.ts';
import { refuseCredentialsInAddress } from './http/authenticator.ts';
import { BodyBudget } from './http/body-budget.ts';
import { createClientAuth } from './http/client-auth.ts';
import { createFellowDaemons } from './http/fellow-daemon.ts';
import { createFront } from './http/front.ts';
import { createGuard, type Guard } from './http/guard.ts';
import type { OwnFigures } from './http/health-view.ts';
import { type Listeners, openListeners } from './http/listeners.ts';
import { McpEndpoint } from './http/mcp-endpoint.ts';
import { createOpsService } from './http/ops-service.ts';
import { OwnerProxy } from './http/proxy.ts';
import { type LeaseSource, RateLimiter } from './http/rate-limiter.ts';
import type { Standing } from './http/standing.ts';
import { openTlsFiles } from './http/tls-files.ts';
import { UnreadBudget, unreadCounter } from './http/unread.ts';
import { WebSockets } from './http/websockets.ts';
import { LiveSessions } from './mcp/era-2025/live-sessions.ts';
import type { ConfirmationRecord } from './mcp/era-2026/confirm.ts';
import type { HandleRecord, Handles } from './mcp/handles.ts';
import { beginsWork } from './mcp/new-work.ts';
import { createMcpService } from './mcp-service.ts';
import type { QueryService } from './query/service.ts';
import { SessionActivity } from './session/activity.ts';
import { SessionDirectory } from './session/directory.ts';
import { EventStreams } from './session/event-streams.ts';
import type { FleetView } from './session/fleet-view.ts';
import type { Lease } from './session/lease.ts';
import { isOwnerGone } from './session/ownership.ts';
import type { SessionRecord } from './session/record.ts';
import type { StreamRecord } from './session/stream-record.ts';
import type { ClusterBus } from './state/cluster-bus.ts';
import type { StateStore } from './state/store.ts';

export interface HttpServiceOptions {
  readonly config: Config;
  readonly version: string;
  /** Its place among the workers; -1 while it is the spare. */
  slot(): number;
  readonly daemonStartedAtMs: number;
  readonly opsUrl: string;
  readonly runDir: string;
  /** The file of client keys; there need not be one. */
  readonly keysFile: string;
  readonly query: QueryService;
  readonly fleet: FleetView;
  /** Undefined when it could not be opened: sessions then live in this worker only. */
  readonly store: StateStore<SessionRecord> | undefined;
  /** As `store`, for submitted statements. */
  readonly handleStore?: StateStore<HandleRecord> | undefined;
  /** As `store`, for answers of people to questions. */
  readonly confirmationStore?: StateStore<ConfirmationRecord> | undefined;
  /** As `store`, for calls that a client may come back to. */
  readonly streamStore?: StateStore<StreamRecord> | undefined;
  /** Events to and from the other workers. */
  readonly bus: ClusterBus;
  /** Counts requests a minute for all workers. */
  readonly leases: LeaseSource;
  /** The right to hold sessions of `store`. */
  readonly lease: Lease;
  /** What the daemons of one store prove themselves with; undefined when there is one. */
  readonly internalSecret?: string | undefined;
  readonly log: Log;
  readonly audit: (line: Facts) => void;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** Asks the primary for maintenance of the whole service, or for its end. */
  readonly askMaintenance: (isOn: boolean) => void;
  /** False from the start of the lame duck time on. */
  isReady(): boolean;
  lastLoop(): { lagMs: number; elu: number };
  /** How long a request waits for its session's owner to be told gone. */
  readonly ownerWaitMs?: number;
}

const OWNER_WAIT_MS = 5000;

export interface HttpService {
  readonly listeners: Listeners;
  readonly socketPath: string;
  readonly mcp: McpEndpoint;
  readonly sessions: LiveSessions;
  readonly handles: Handles;
  readonly streams: EventStreams;
  /** Seconds until the first client key expires; undefined when none does. */
  keyExpirySeconds(): number | undefined;
  /** Undefined without TLS. */
  certificateExpirySeconds(): number | undefined;
  storeKind(): 'shared' | 'memory';
  figures(): OwnFigures & {
    inflight: number;
    connections: number;
    streams: number;
    resumable: number;
    eventBytes: number;
  };
  /** Listening streams end with a hint to come back, WebSockets when their calls have ended. */
  endStreams(): void;
  /** Ends what is left open: connections to fellows, the store. */
  close(): Promise<void>;
}

function mcpParts(options: HttpServiceOptions, access: Access) {
  const { config, fleet, log, recorder, clock } = options;
  const { tools, toolsDigest, handles, makeServer, ready, plain, modern } = createMcpService({
    ...options,
    handleStore: options.handleStore,
  });
  const directory = new SessionDirectory({
    shared: options.store,
    lease: options.lease,
    offer: toolsDigest,
    fleet,
    clock,
    log,
    recorder,
    maxSessions: config.state.max_sessions,
    maxPerPrincipal: config.state.max_sessions_per_principal,
    timeoutMs: config.state.session_timeout,
  });
  const streams = new EventStreams({
    shared: options.streamStore,
    owner: () => options.lease.me(),
    isGone: (owner) => isOwnerGone(owner, fleet, options.lease),
    clock,
    log,
    recorder,
    ttlMs: config.state.event_ttl,
    sessionBytes: config.state.event_bytes,
    totalBytes: config.state.event_total_bytes,
  });
  const activity = new SessionActivity(clock, config.state.max_sessions);
  const memoryTtlMs = config.state.session_memory_ttl;
  const sessions = new LiveSessions({ directory, makeServer, plain, memoryTtlMs, activity, clock, log });
  const proxy = new OwnerProxy(options.internalSecret);
  const admission = new Admission({
    maxConcurrent: config.limits.max_concurrent_requests,
    maxConcurrentPerClient: config.limits.client_max_concurrent_requests,
    ratePerMinute: config.limits.rate_per_minute,
    clientRatePerMinute: config.limits.client_rate_per_minute,
    maxStreamsPerClient: config.limits.client_max_subscriptions,
    burst: config.limits.rate_burst,
    rates: new RateLimiter({
      source: options.leases,
      clock,
      workers: () => fleet.workers().length,
      maxClients: config.limits.rate_clients,
    }),
    recorder,
    clock,
    log,
  });
  const mcp = new McpEndpoint({
    sessions,
    directory,
    streams,
    resumeAfterMs: config.state.resume_after,
    fleet,
    proxy,
    tools,
    access,
    ready,
    modern,
    maxBodyBytes: config.server.max_body,
    bodies: new BodyBudget(config.server.max_bodies),
    admission,
    ownerWaitMs: options.ownerWaitMs ?? OWNER_WAIT_MS,
    recorder,
    clock,
    log,
  });
  options.lease.onLost(() => {
    mcp.fence();
    void sessions.fence();
  });
  return { tools, handles, directory, streams, sessions, proxy, mcp, activity, admission, makeServer, modern };
}

function webSocketsOf(
  { config, fleet, recorder, clock, log }: HttpServiceOptions,
  parts: { guard: Guard; access: Access; standing: Standing; unread: UnreadBudget } & Pick<
    ReturnType<typeof mcpParts>,
    'admission' | 'makeServer'
  >,
): WebSockets {
  const { guard, access, standing, unread, admission, makeServer } = parts;
  return new WebSockets({
    guard,
    standing,
    unread,
    authenticate: async (request) => {
      refuseCredentialsInAddress(request.url);
      return access.clientOf(request);
    },
    makeServer,
    admit: async (principal, message) => {
      if (fleet.isInMaintenance() && beginsWork(message)) throw new AppError('MAINTENANCE', {});
      return admission.enter(principal);
    },
    isClosing: () => fleet.isDraining(),
    maxConnections: config.server.websocket_max_connections,
    maxPerPrincipal: config.state.max_sessions_per_principal,
    maxMessageBytes: config.server.max_body,
    maxBacklogBytes: config.server.max_backlog,
    pingMs: config.server.websocket_ping,
    recorder,
    clock,
    log,
  });
}

/**
 * Serves on the worker's own socket; the service port is opened by `listeners.listen`.
 * @throws AppError PATH_UNUSABLE
 */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const { config, fleet, log, recorder, clock, query } = options;
  const auth = createClientAuth({ config, keysFile: options.keysFile, clock, log, audit: options.audit });
  const { access, standing } = auth;
  const { tools, handles, directory, streams, sessions, proxy, mcp, activity, admission, makeServer, modern } =
    mcpParts(options, access);
  const ownFigures = (): OwnFigures => ({
    snowflake: query.health(),
    pool: query.figures(),
    sessions: sessions.owned(),
    webSockets: webSockets.connections(),
    requests: mcp.requests() + webSockets.requests(),
    ...options.lastLoop(),
  });
  const guard = createGuard({
    host: config.server.host,
    allowedHosts: config.server.allowed_hosts,
    allowedOrigins: config.server.allowed_origins,
  });
  const unread = new UnreadBudget(config.server.max_unread);
  const webSockets = webSocketsOf(options, { guard, access, standing, unread, admission, makeServer });
  const ops = createOpsService({
    ...options,
    health: {
      version: options.version,
      slot: options.slot,
      startedAtMs: options.daemonStartedAtMs,
      memoryLimitBytes: config.workers.max_memory_restart,
      toolNames: [...tools.keys()],
      clock,
      fleet,
      own: ownFigures,
      storeKind: () => directory.storeKind(),
      storeFault: () => directory.storeFault(),
      isReady: options.isReady,
    },
    access,
    resourceMetadata: auth.resourceMetadata,
    directory,
    activity,
    handles,
    connected: () => webSockets.sessions(options.slot()),
    buffers: () => streams.perSession(),
  });
  const isClosing = () => fleet.isDraining();
  const fellows = createFellowDaemons(options.internalSecret);
  const front = createFront({
    guard,
    access,
    fellows,
    standing,
    keyHeader: config.auth.api_key_header,
    mcp,
    webSockets,
    ops: ops.shared,
    ownOps: ops.own,
    log,
    recorder,
    clock,
    isClosing,
  });
  const socketPath = join(options.runDir, `w${fleet.incarnation}.sock`);
  await directory.check();
  const tls = await openTlsFiles(config.server, { log, recorder, clock });
  const slow = () => recorder.count('mcp_connections_rejected_total', { reason: 'slow_reader' });
  const countUnread = unreadCounter(unread, slow);
  const listeners = await openListeners(socketPath, { settings: config.server, front, tls, recorder, countUnread });
  sessions.start();
  handles.start();
  webSockets.start();
  streams.start();
  auth.start();
  unread.start();
  return {
    listeners,
    socketPath,
    mcp,
    sessions,
    handles,
    streams,
    keyExpirySeconds: auth.keyExpirySeconds,
    certificateExpirySeconds: () => tls?.expiresInSeconds(),
    storeKind: () => directory.storeKind(),
    figures: () => ({
      ...ownFigures(),
      inflight: mcp.inflight() + webSockets.inflight(),
      connections: listeners.connections(),
      streams: mcp.streams() + modern.listeners(),
      resumable: streams.figures().running,
      eventBytes: streams.figures().bytes,
    }),
    endStreams: () => {
      mcp.endStreams();
      webSockets.drain();
    },
    close: async () => {
      auth.close();
      unread.close();
      tls?.close();
      webSockets.close();
      proxy.close();
      await modern.close();
      await handles.close();
      await streams.close();
      await directory.close();
    },
  };
}

/**
 * Joins the parts that answer MCP messages, whatever carries them: tools, submitted statements, resources, prompts.
 *
 * One per process. The HTTP service makes a server of it for each session, the stdio program a single one.
 */
import type { Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config/schema.ts';
import type { Facts, Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import { createToolCaller } from './mcp/call.ts';
import { withCatalogCache } from './mcp/catalog-cache.ts';
import { createChanges, digestOf, withChanges } from './mcp/changes.ts';
import { createPlainCalls, type PlainCalls } from './mcp/era-2025/plain-call.ts';
import { createReadyAnswers, type ReadyAnswers } from './mcp/era-2025/ready-answers.ts';
import { era2025Servers, type ServerFactory } from './mcp/era-2025/server.ts';
import { type ConfirmationRecord, createConfirmations } from './mcp/era-2026/confirm.ts';
import { createHandler2026, type Handler2026 } from './mcp/era-2026/handler.ts';
import { createPlainCalls2026 } from './mcp/era-2026/plain-call.ts';
import { era2026Servers } from './mcp/era-2026/server.ts';
import type { ModernWireOptions } from './mcp/era-2026/wire.ts';
import { type HandleRecord, Handles } from './mcp/handles.ts';
import { createOffer } from './mcp/offer.ts';
import { createResources } from './mcp/resources.ts';
import { createToolTable, type ToolTable } from './mcp/tool-table.ts';
import { toolSettings } from './mcp/tools/tool-settings.ts';
import type { QueryService } from './query/service.ts';
import type { ClusterBus } from './state/cluster-bus.ts';
import type { StateStore } from './state/store.ts';

export interface McpServiceOptions {
  readonly config: Pick<Config, 'limits' | 'snowflake' | 'policy'>;
  readonly version: string;
  readonly query: QueryService;
  /** Undefined when it could not be opened, or where there is none: submitted statements then end with this process. */
  readonly handleStore: StateStore<HandleRecord> | undefined;
  /** As `handleStore`, for answers of people to questions: undefined, they count in this process only. */
  readonly confirmationStore?: StateStore<ConfirmationRecord> | undefined;
  /** Events to and from the other workers. */
  readonly bus: ClusterBus;
  readonly log: Log;
  readonly audit: (line: Facts) => void;
  readonly recorder: Recorder;
  readonly clock: Clock;
}

export interface McpService {
  readonly tools: ToolTable;
  /** Tells workers with other tools. */
  readonly toolsDigest: string;
  readonly handles: Handles;
  readonly makeServer: ServerFactory;
  readonly ready: ReadyAnswers;
  readonly plain: PlainCalls;
  /** Protocol version 2026-07-28 over HTTP. */
  readonly modern: Handler2026;
  /** As `modern`, over a wire. */
  readonly modernWire: ModernWireOptions;
}

export function createMcpService(options: McpServiceOptions): McpService {
  const { config, version, log, audit, recorder, clock } = options;
  const { account, access_url: url, user, role, database, schema } = config.snowflake;
  const changes = createChanges(options.bus);
  const memory = {
    ttlMs: config.limits.catalog_ttl,
    maxEntries: config.limits.catalog_entries,
    identity: JSON.stringify([account, url, user, role]),
    clock,
  };
  const query = withCatalogCache(options.query, { ...memory, database, schema }, changes);
  const handles = new Handles({
    shared: options.handleStore,
    query,
    clock,
    log,
    ttlMs: config.limits.handle_ttl,
    sweepMs: config.limits.handle_sweep,
    max: config.limits.max_handles,
  });
  const settings = toolSettings(config);
  const tools = createToolTable(settings);
  const call = createToolCaller({ tools, query, handles, log, audit, recorder, clock });
  const resources = withChanges(createResources(query, settings), changes);
  const offer = createOffer(tools, version);
  const parts = { offer, call, resources, log };
  const confirmations = createConfirmations({ store: options.confirmationStore, clock, log });
  const toolsDigest = digestOf(offer.tools);
  const told = { changes, toolsDigest };
  const modernWire = {
    makeServer: era2026Servers({ ...parts, confirmations, catalogTtlMs: config.limits.catalog_ttl }),
    changes,
    maxSubscriptions: config.limits.max_subscriptions,
    log,
  };
  const modern = createHandler2026({ ...modernWire, toolsDigest, plain: createPlainCalls2026({ tools, call, offer }) });
  // Workers of another configuration tell their listeners to ask again.
  changes.publish({ kind: 'tools', digest: toolsDigest });
  const ready = createReadyAnswers(offer);
  return {
    tools,
    handles,
    toolsDigest,
    makeServer: era2025Servers({ ...parts, ...told, maxSubscriptions: config.limits.session_subscriptions }),
    ready,
    plain: createPlainCalls({ tools, call }),
    modern,
    modernWire,
  };
}

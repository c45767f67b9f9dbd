/** What the MCP endpoint works with: its parts, and a request with all that is known of it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import type { Principal } from '../../shared/principal.ts';
import type { LiveSessions } from '../mcp/era-2025/live-sessions.ts';
import type { ReadyAnswers } from '../mcp/era-2025/ready-answers.ts';
import type { Handler2026 } from '../mcp/era-2026/handler.ts';
import type { ToolTable } from '../mcp/tool-table.ts';
import type { SessionDirectory } from '../session/directory.ts';
import type { EventStreams } from '../session/event-streams.ts';
import type { FleetView } from '../session/fleet-view.ts';
import type { Access } from './access.ts';
import type { Admission } from './admission.ts';
import type { BodyBudget } from './body-budget.ts';
import type { OwnerProxy } from './proxy.ts';
import type { RunningPlace } from './running-place.ts';

export interface McpEndpointOptions {
  readonly sessions: LiveSessions;
  readonly directory: SessionDirectory;
  readonly streams: EventStreams;
  /** A call that runs longer can be resumed. */
  readonly resumeAfterMs: number;
  readonly fleet: FleetView;
  readonly proxy: OwnerProxy;
  readonly tools: ToolTable;
  readonly access: Pick<Access, 'requireOf'>;
  readonly ready: ReadyAnswers;
  readonly modern: Handler2026;
  readonly maxBodyBytes: number;
  readonly bodies: BodyBudget;
  readonly admission: Admission;
  /** How long a request waits for its session's owner to be told gone. */
  readonly ownerWaitMs: number;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the front door found out about a request. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly principal: Principal;
  /** It came over this worker's own socket: it is not handed on again. */
  readonly isInternal: boolean;
  /** It came from another daemon: it is not handed on to a third. */
  readonly isRemote: boolean;
}

export interface Exchange extends RequestOrigin {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** POST only. */
  readonly body: Buffer | undefined;
  readonly message: unknown;
  /** Who answers is the one that counts it as running. */
  readonly place: RunningPlace;
}

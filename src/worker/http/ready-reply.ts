/** Answers what no session changes without a live one: the first answer, the lists that are made once, ping. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type InitializeRequest, isJSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Principal } from '../../shared/principal.ts';
import type { LiveSessions } from '../mcp/era-2025/live-sessions.ts';
import type { ReadyAnswers } from '../mcp/era-2025/ready-answers.ts';
import type { SessionDirectory } from '../session/directory.ts';
import type { SessionRecord } from '../session/record.ts';
import { replyJson } from './json-reply.ts';
import { callOf, isInitialized } from './request-facts.ts';

export interface ReadyParts {
  readonly ready: ReadyAnswers;
  readonly sessions: Pick<LiveSessions, 'use' | 'isLive'>;
  readonly directory: Pick<SessionDirectory, 'holds'>;
}

interface Posted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly message: unknown;
  readonly principal: Principal;
}

/** The answer to initialize of a session that was just written down; false when the SDK has to give it. */
export function beginReady(
  parts: ReadyParts,
  { response, message }: Posted,
  initialize: InitializeRequest,
  record: SessionRecord,
): boolean {
  if (!isJSONRPCRequest(message)) return false;
  reply(parts, response, record, parts.ready.initialize({ ...initialize, id: message.id }));
  return true;
}

/** False for what its session has to answer. */
export function answerReady(parts: ReadyParts, posted: Posted, record: SessionRecord): boolean {
  const call = callOf(posted);
  const answer = call && parts.ready.to(call, posted.principal);
  // Whoever wakes the session says this to it.
  const isSaidLater = isInitialized(posted) && !parts.sessions.isLive(record.id);
  if (answer === undefined && !isSaidLater) return false;
  reply(parts, posted.response, record, answer);
  return true;
}

function reply({ sessions, directory }: ReadyParts, to: ServerResponse, record: SessionRecord, answer?: Buffer): void {
  sessions.use(record);
  if (!directory.holds(record)) to.destroy();
  else if (answer === undefined) to.writeHead(202).end();
  else replyJson(to, record.id, answer);
}

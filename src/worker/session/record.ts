/**
 * What is kept of an MCP session so that any worker can carry it on: who started it, how, and who holds it now.
 *
 * An owner is named by daemon, incarnation and epoch, so that a record of an earlier daemon never looks like one of this,
 * nor does one from before a worker lost its lease. The key of a record begins with its principal's mark: those of one are
 * counted by it, and nobody else finds them.
 * Session ids carry the incarnation that made them: without a shared store a request still finds its way.
 */
import { createHash, randomUUID } from 'node:crypto';

/** What the client wants to hear without asking each time. */
export interface SessionWishes {
  /** Least severe log message. */
  readonly logLevel?: string;
  /** Addresses of resources. */
  readonly subscriptions?: readonly string[];
}

export interface SessionRecord {
  readonly id: string;
  /** Who started it; nobody else may use it. */
  readonly principal: string;
  /** Name and version the client gave, for lists. */
  readonly client: string;
  /** The client's initialize message; replaying it brings the session back. */
  readonly initialize: unknown;
  readonly protocol: string;
  /** The client takes no event streams: answers are plain JSON. */
  readonly jsonOnly: boolean;
  /** As `ownerName` makes it, or null after a hand-over. */
  readonly owner: string | null;
  readonly createdAtMs: number;
  readonly usedAtMs: number;
  readonly wishes?: SessionWishes;
  /** Digest of the tools it was offered when it began. */
  readonly offer?: string;
}

/** Longest initialize message that is kept. */
export const INITIALIZE_MAX_BYTES = 16 * 1024;

export function newSessionId(incarnation: number): string {
  return `${incarnation.toString(36)}-${randomUUID()}`;
}

/** The incarnation that made the id; undefined when the id is not one of ours. */
export function incarnationOf(sessionId: string): number | undefined {
  const match = /^([0-9a-z]{1,9})-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.exec(sessionId);
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 36);
}

export interface Owner {
  readonly daemon: string;
  readonly incarnation: number;
  /** How often this incarnation has lost its lease. */
  readonly epoch: number;
}

export const ownerName = (daemon: string, incarnation: number, epoch = 0): string =>
  `${daemon}.${incarnation}${epoch === 0 ? '' : `+${epoch}`}`;

/** Undefined when it is not what `ownerName` makes. */
export function parseOwner(name: string): Owner | undefined {
  const [, daemon, incarnation, epoch = '0'] = /^(.+)\.(\d{1,15})(?:\+(\d{1,9}))?$/.exec(name) ?? [];
  if (daemon === undefined) return undefined;
  return { daemon, incarnation: Number(incarnation), epoch: Number(epoch) };
}

/** Of one length for every principal. */
export const principalMark = (principal: string): string =>
  createHash('sha256').update(principal).digest('hex').slice(0, 24);

export const recordKey = (principal: string, id: string): string => `${principalMark(principal)}.${id}`;

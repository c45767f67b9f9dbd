/**
 * Lines of the audit log: who asked for which statement, what the gate said, and what came of it.
 *
 * The statement appears as its shape only: literals, numbers and comments are taken out.
 */
import type { Facts } from '../../shared/log.ts';
import type { PrincipalLimits } from '../../shared/principal.ts';
import { redactSql } from '../../shared/redact.ts';
import type { Decision, WriteDecision } from './policy.ts';

export interface CallerFacts {
  readonly tool: string;
  readonly requestId: string;
  readonly session?: string;
  readonly principal: string;
  /** The Snowflake role its statements run under; the configured one when left out. */
  readonly role?: string;
  /** Login of snowflake.identities that its statements run under. */
  readonly identity?: string | undefined;
  /** What it may ask for at most, below the configured limits. */
  readonly limits?: Pick<PrincipalLimits, 'maxRows' | 'queryTimeoutMs'>;
}

/** Facts that name the call in audit and log lines. */
export function callerFacts(caller: CallerFacts): Facts {
  return {
    request_id: caller.requestId,
    ...(caller.session === undefined ? {} : { session: caller.session.slice(0, 8) }),
    principal: caller.principal,
    tool: caller.tool,
    ...(caller.role === undefined ? {} : { role: caller.role }),
    ...(caller.identity === undefined ? {} : { identity: caller.identity }),
  };
}

/** Before a statement goes to Snowflake, or instead. */
export function decisionLine(caller: CallerFacts, sql: string, decision: Decision | WriteDecision): Facts {
  const told =
    decision.verdict === 'allow'
      ? { kind: decision.kind, objects: decision.objects.slice(0, 50) }
      : { reason: decision.reason };
  return { event: 'statement', ...callerFacts(caller), decision: decision.verdict, ...told, sql: redactSql(sql) };
}

export interface EndFacts {
  readonly queryId?: string | undefined;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly errorCode?: string | undefined;
}

/** After it has ended, one way or another. */
export function endLine(caller: CallerFacts, end: EndFacts): Facts {
  return { event: 'statement.ended', ...callerFacts(caller), ...endFacts(end) };
}

export function endFacts(end: EndFacts): Facts {
  return {
    ...(end.queryId === undefined ? {} : { query_id: end.queryId }),
    query_duration_ms: Math.round(end.durationMs),
    rows: end.rows,
    bytes: end.bytes,
    ...(end.errorCode === undefined ? {} : { 'error.code': end.errorCode }),
  };
}

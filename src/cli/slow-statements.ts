/** The slowest statements of an audit log's lines. Pure; lines of other events and broken ones are passed over. */

export interface EndedStatement {
  readonly time: string;
  readonly ms: number;
  readonly tool: string;
  readonly principal: string;
  readonly query_id: string | null;
  readonly rows: number | null;
  /** Code of the error, null when it ended well. */
  readonly error: string | null;
}

export interface SlowLimits {
  readonly overMs: number;
  /** Since 1970. */
  readonly sinceMs: number;
  readonly limit: number;
}

export function slowestStatements(lines: readonly string[], limits: SlowLimits): EndedStatement[] {
  return lines
    .flatMap((line) => statementOf(line) ?? [])
    .filter(({ ms, time }) => ms >= limits.overMs && Date.parse(time) >= limits.sinceMs)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, limits.limit);
}

function statementOf(line: string): EndedStatement | undefined {
  if (!line.includes('"query_duration_ms"')) return undefined;
  try {
    const facts = JSON.parse(line) as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const error = facts.error as { code?: unknown } | undefined;
    return {
      time: String(facts.time),
      ms: Number(facts.query_duration_ms),
      tool: text(facts.tool) ?? '',
      principal: text(facts.principal) ?? '',
      query_id: text(facts.query_id),
      rows: typeof facts.rows === 'number' ? facts.rows : null,
      error: text(error?.code) ?? text(facts['error.code']),
    };
  } catch {
    return undefined;
  }
}

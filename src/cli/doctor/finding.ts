/** What `doctor` finds: one thing each, with a level and, where something is to be done, what. Pure. */

export type FindingLevel = 'ok' | 'warning' | 'error';

export interface Finding {
  /** What was looked at: config, credentials, network ... */
  readonly check: string;
  readonly level: FindingLevel;
  readonly text: string;
  readonly next?: string;
  /** Snowflake cannot be reached or does not let us in. */
  readonly isSnowflake?: true;
  /** What --fix has done about it. */
  readonly fixed?: string;
}

export const ok = (check: string, text: string): Finding => ({ check, level: 'ok', text });
export const warning = (check: string, text: string, next: string): Finding => ({
  check,
  level: 'warning',
  text,
  next,
});
export const error = (check: string, text: string, next: string): Finding => ({ check, level: 'error', text, next });

export function countsOf(findings: readonly Finding[]): Record<FindingLevel, number> {
  const counts = { ok: 0, warning: 0, error: 0 };
  for (const { level, fixed } of findings) counts[fixed === undefined ? level : 'ok'] += 1;
  return counts;
}

/**
 * What the health checks of a worker say about it: proven once one has passed, unwell after two failed ones in a row.
 *
 * Failures within the grace period after it became ready do not count.
 */
export interface CheckLimits {
  /** False: nobody is asked, and everybody counts as proven. */
  readonly isOn: boolean;
  readonly graceMs: number;
  /** An unwell worker is replaced; otherwise it is only told. */
  readonly isFatal: boolean;
}

export interface CheckRecord {
  readonly readyAt: number;
  readonly hasPassed: boolean;
  /** In a row. */
  readonly failures: number;
  readonly reason: string;
}

/** Failed checks in a row that make a worker unwell. */
export const CHECK_FAILURES = 2;

export const newChecks = (readyAt: number): CheckRecord => ({ readyAt, hasPassed: false, failures: 0, reason: '' });

export const isUnwell = (checks: CheckRecord): boolean => checks.failures >= CHECK_FAILURES;

/** @param fault why the check failed, undefined when it passed */
export function noteCheck(
  checks: CheckRecord,
  fault: string | undefined,
  now: number,
  limits: CheckLimits,
): { next: CheckRecord; turned?: 'unwell' | 'well' } {
  if (fault === undefined) {
    const next = { ...checks, hasPassed: true, failures: 0, reason: '' };
    return isUnwell(checks) ? { next, turned: 'well' } : { next };
  }
  if (now - checks.readyAt < limits.graceMs) return { next: checks };
  const next = { ...checks, failures: checks.failures + 1, reason: fault };
  return isUnwell(next) && !isUnwell(checks) ? { next, turned: 'unwell' } : { next };
}

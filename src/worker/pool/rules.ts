/**
 * What the pool decides, from values alone: which connection to lend, which to close or check, why a wait was in vain.
 */
import { formatDuration } from '../../shared/units.ts';

export interface PoolLimits {
  readonly min: number;
  readonly max: number;
  readonly maxWaiting: number;
  readonly maxInactiveMs: number;
  readonly healthCheckMs: number;
  readonly maxAgeMs: number;
}

/** An idle connection. `place` is where its session stands, '' for where the login put it. */
export interface IdleView {
  readonly place: string;
  readonly retireAt: number;
  readonly idleSince: number;
  readonly checkedAt: number;
}

/** What a caller needs: a session that stands at `place`; `exact` when no other could be taken there. */
export interface Need {
  readonly place: string;
  readonly exact: boolean;
}

/**
 * The index of the connection to lend, -1 when none will do: one that stands at the place, else one where the login
 * put it, else any. Among equals the most recently used, so that the others grow old enough to be closed.
 */
export function chooseIdle(idle: readonly IdleView[], need: Need): number {
  let best = -1;
  let bestScore = -1;
  idle.forEach((view, index) => {
    const score = view.place === need.place ? 2 : view.place === '' ? 1 : 0;
    if (need.exact && score !== 2) return;
    if (score >= bestScore) {
      best = index;
      bestScore = score;
    }
  });
  return best;
}

/** The moment a connection is replaced: a tenth of jitter keeps those opened together from ending together. */
export function retirementOf(openedAt: number, maxAgeMs: number, random: number): number {
  return openedAt + maxAgeMs * (0.9 + 0.2 * random);
}

/** What to do with an idle connection now. `open` counts every connection of the pool. */
export function idleDuty(view: IdleView, open: number, now: number, limits: PoolLimits): 'close' | 'check' | 'keep' {
  if (now >= view.retireAt) return 'close';
  if (open > limits.min && now - view.idleSince >= limits.maxInactiveMs) return 'close';
  return now - Math.max(view.idleSince, view.checkedAt) >= limits.healthCheckMs ? 'check' : 'keep';
}

/** How often idle connections are looked at. */
export function lookEveryMs(limits: PoolLimits): number {
  return Math.min(5000, Math.max(250, Math.min(limits.maxInactiveMs, limits.healthCheckMs) / 4));
}

export interface WaitFacts {
  readonly leased: number;
  readonly opening: number;
  readonly max: number;
  /** Age of the oldest lease. */
  readonly longestLeaseMs: number;
  readonly lastLoginError: string | undefined;
}

/** Why a wait for a connection was most likely in vain. */
export function waitCause(facts: WaitFacts): string {
  if (facts.lastLoginError !== undefined) return `the last login failed: ${facts.lastLoginError}`;
  if (facts.leased >= facts.max) {
    return `all ${facts.max} are running statements, the longest for ${formatDuration(facts.longestLeaseMs)}`;
  }
  if (facts.opening > 0) return `${facts.opening} logins are under way and unanswered`;
  return `${facts.leased} of ${facts.max} are running statements`;
}

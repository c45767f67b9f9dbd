/**
 * When silence means a hang, and when it only means that the primary itself was not looking.
 *
 * A worker is suspected first (a replacement boots beside it) and killed later. A primary that slept (suspended
 * machine, SIGSTOP, a blocked loop) has missed the beats of healthy workers: every deadline moves by the gap.
 */
export interface HealthLimits {
  readonly suspectMs: number;
  readonly killMs: number;
  /** A gap between two looks longer than this means that the primary slept. */
  readonly sleepMs: number;
}

export type Silence = 'fine' | 'suspect' | 'kill';

export function judgeSilence(lastBeat: number, now: number, limits: HealthLimits): Silence {
  const silentMs = now - lastBeat;
  if (silentMs >= limits.killMs) return 'kill';
  return silentMs >= limits.suspectMs ? 'suspect' : 'fine';
}

/** How far all deadlines must move; 0 when the primary looked in time. */
export function sleptMs(lastLook: number, now: number, limits: HealthLimits): number {
  const gap = now - lastLook;
  return gap > limits.sleepMs ? gap : 0;
}

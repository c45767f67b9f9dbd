/**
 * What a reading of a worker's memory means: one reading over the soft limit may be a spike, the second in a row asks
 * for a graceful replacement; over the hard limit there is no time left for grace.
 */
export interface MemoryLimits {
  readonly softBytes: number;
  readonly hardBytes: number;
}

/** Readings in a row over the soft limit that ask for a replacement. */
export const MEMORY_READINGS = 2;

/** @returns how many readings in a row were over the soft limit, or `kill` */
export function judgeMemory(overSoft: number, bytes: number, limits: MemoryLimits): number | 'kill' {
  if (bytes > limits.hardBytes) return 'kill';
  return bytes > limits.softBytes ? Math.min(overSoft + 1, MEMORY_READINGS) : 0;
}

/** Exit codes of every program here; scripts and systemd depend on them. `health` alone follows Nagios. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  snowflakeUnreachable: 69,
  alreadyRunning: 75,
  config: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How the primary judges the end of a worker; the word shows in status, logs and `supervisor_worker_restarts_total{reason}`. */
export const EXIT_CLASSES = [
  'clean',
  'crash',
  'boot_failure',
  'hang',
  'memory_soft',
  'memory_hard',
  'unhealthy',
  'port_in_use',
  'killed',
  'lifetime',
  'reload',
  'stopped',
] as const;

export type ExitClass = (typeof EXIT_CLASSES)[number];

/** What a worker's own exit code says to its primary. */
export const WORKER_EXIT = { ok: 0, crash: 1, bootFailure: 70, portInUse: 71, orphaned: 72, config: 78 } as const;

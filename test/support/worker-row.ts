/** A row of the status with what a test is about. */
import type { WorkerStatus } from '../../src/shared/control-api.ts';

export function workerRow(about: Partial<WorkerStatus>): WorkerStatus {
  return {
    slot: 0,
    incarnation: 1,
    socket: '',
    pid: 100,
    state: 'ready',
    uptimeSeconds: 60,
    restarts: 0,
    lastExit: '',
    cpuPercent: 0,
    rssBytes: 0,
    lagMs: 0,
    sessions: 0,
    inflight: 0,
    ...about,
  };
}

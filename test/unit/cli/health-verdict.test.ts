import { expect, test } from 'vitest';
import { type DetailedHealth, healthVerdict, type Seen } from '../../../src/cli/health-verdict.ts';
import type { DaemonStatus, WorkerStatus } from '../../../src/shared/control-api.ts';

const worker = (state: string): WorkerStatus => ({
  slot: 0,
  incarnation: 1,
  socket: '',
  pid: 1,
  state,
  uptimeSeconds: 1,
  restarts: 0,
  lastExit: '',
  cpuPercent: 0,
  rssBytes: 1,
  lagMs: 1,
  sessions: 0,
  inflight: 0,
});

const detail: DetailedHealth = {
  status: 'healthy',
  snowflake_connection: 'healthy',
  session_store: 'shared',
  connection_pool: { active: 0, max: 16, waiting: 0 },
  sessions: { active: 0 },
  event_loop: { lag_ms: 3 },
};
const figures = { certificateSeconds: 1e8, keySeconds: 1e8, diskFree: 0.5 };

function seen(
  status: Partial<DaemonStatus> = {},
  more: { detail?: Partial<DetailedHealth> | undefined; figures?: Partial<typeof figures> } = {},
): Seen {
  const whole = { workers: [worker('ready'), worker('ready')], state: 'running', generation: 0, ...status };
  return {
    kind: 'running',
    status: whole as DaemonStatus,
    detail: 'detail' in more && more.detail === undefined ? undefined : { ...detail, ...more.detail },
    figures: { ...figures, ...more.figures },
  };
}

const levelOf = (of: Seen) => healthVerdict(of).level;
const half = { workers: [worker('ready'), worker('backoff')] };

test('health: all ready and Snowflake reached is ok, without a next step', () => {
  const verdict = healthVerdict(seen());
  expect(verdict).toEqual({ level: 'ok', reasons: ['2 of 2 workers ready, Snowflake healthy, generation 0'] });
});

test.each<[string, Seen, string]>([
  ['no daemon', { kind: 'none' }, 'critical'],
  ['a daemon that does not answer', { kind: 'silent', pid: 7 }, 'critical'],
  ['no worker ready', seen({ workers: [worker('backoff')] }), 'critical'],
  ['a paused daemon', seen({ isPaused: true }), 'critical'],
  ['workers that do not answer', seen({}, { detail: undefined }), 'critical'],
  ['an expired certificate', seen({}, { figures: { certificateSeconds: -1 } }), 'critical'],
  ['a full disk', seen({}, { figures: { diskFree: 0.01 } }), 'critical'],
  ['a worker that waits', seen(half), 'warning'],
  ['Snowflake away', seen({}, { detail: { snowflake_connection: 'unhealthy' } }), 'warning'],
  ['maintenance', seen({ maintenanceSince: '2026-01-01T00:00:00Z' }), 'warning'],
  ['waiting calls', seen({}, { detail: { connection_pool: { active: 16, max: 16, waiting: 2 } } }), 'warning'],
  ['a store in memory', seen({}, { detail: { session_store: 'memory' } }), 'warning'],
  ['a blocked loop', seen({}, { detail: { event_loop: { lag_ms: 2000 } } }), 'warning'],
  ['a key that expires soon', seen({}, { figures: { keySeconds: 86_400 } }), 'warning'],
  ['little disk', seen({}, { figures: { diskFree: 0.05 } }), 'warning'],
])('health: %s is told with its level and a next step', (_, of, level) => {
  const verdict = healthVerdict(of);
  expect(verdict.level).toBe(level);
  expect(verdict.next).toBeTruthy();
});

test('health: a reload that replaces a worker is no warning', () => {
  expect(levelOf(seen({ ...half, state: 'reloading' }))).toBe('ok');
});

test('health: several findings are all told, with the level of the worst', () => {
  const verdict = healthVerdict(seen(half, { figures: { diskFree: 0.01 } }));
  expect(verdict.level).toBe('critical');
  expect(verdict.reasons).toHaveLength(2);
  expect(verdict.next).toContain('disk-full');
});

import { expect, test } from 'vitest';
import { createHistory } from '../../../../src/primary/history.ts';
import { frameOf, type Scene } from '../../../../src/primary/page/frame.ts';
import { queryRowsOf } from '../../../../src/primary/page/queries.ts';
import type { DaemonStatus } from '../../../../src/shared/control-api.ts';
import { workerRow } from '../../../support/worker-row.ts';

const status: DaemonStatus = {
  pid: 77,
  version: '1.2.3',
  demo: false,
  generation: 4,
  uptimeSeconds: 3700,
  state: 'running',
  url: 'http://127.0.0.1:8000',
  metricsUrl: 'http://127.0.0.1:8001',
  logFile: '/var/log/d.log',
  pidFile: '/run/d.pid',
  workers: [workerRow({ slot: 0, snowflake: 'healthy' }), workerRow({ slot: 1, restarts: 3 })],
};

const frame = (about: Partial<Scene> = {}, more: Partial<DaemonStatus> = {}) =>
  frameOf({
    status: { ...status, ...more },
    isReady: true,
    history: createHistory(),
    now: 1000,
    happenings: [],
    restarts: new Map(),
    queries: [],
    ...about,
  });

test('frame: a healthy service has no notices', () => {
  const parts = frame();
  expect(parts.notices).toBe('');
  expect(parts.state).toContain('>Running<');
  expect(parts.facts).toContain('healthy');
});

test('frame: a worker shows its restarts with their reasons', () => {
  const restarts = new Map([
    ['1', [['killed', 2] as const, ['memory_hard', 1] as const]],
    ['spare', [['hang', 1] as const]],
  ]);
  const { workers } = frame({ restarts }, { spare: workerRow({ slot: -1, state: 'spare' }) });
  expect(workers).toContain('killed ×2, memory hard ×1');
  expect(workers).toMatch(/>spare<.*hang ×1/);
});

test('frame: a slot without a process has dashes, not zeros', () => {
  const { workers } = frame({}, { workers: [workerRow({ pid: 0, state: 'backoff' })] });
  expect(workers).toContain('backoff');
  expect(workers?.match(/>–</g)?.length).toBe(6);
});

test.each<[Partial<DaemonStatus>, boolean, string]>([
  [
    { workers: [workerRow({ state: 'booting' }), workerRow({ state: 'errored' })] },
    false,
    'Too few workers take calls: 2 of 2',
  ],
  [{ workers: [workerRow({}), workerRow({ state: 'booting' })] }, true, '1 worker of 2 not ready'],
  [{ workers: [workerRow({ snowflake: 'unhealthy' })] }, true, 'Snowflake does not answer'],
  [{ state: 'reloading', reload: { step: 'worker 1 of 2', startedSecondsAgo: 3 } }, true, 'for 3s: worker 1 of 2'],
  [{ lastReload: { ok: false, reason: 'crash (SELECT 1)' } }, true, 'aborted, the workers before it serve on: crash<'],
  [{ maintenanceSince: '2026-01-02T03:04:05.000Z' }, true, 'In maintenance since 2026-01-02 03:04:05 UTC'],
  [{ isPaused: true }, false, 'Paused by order'],
])('frame: what matters is said first: %j', (more, isReady, words) => {
  expect(frame({ isReady }, more).notices).toContain(words);
});

test('frame: whatever is shown cannot become markup', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const parts = frame(
    {
      happenings: [{ atMs: 0, level: 'warn', event: 'x', text: evil }],
      queries: [{ query: evil, tool: evil, worker: evil, state: evil, seconds: 1 }],
      restarts: new Map([['0', [[evil, 1] as const]]]),
    },
    { url: evil, version: evil, workers: [workerRow({ state: evil })], maintenanceSince: evil },
  );
  expect(JSON.stringify(parts)).not.toContain('<img');
});

test('queries: rows tell statements apart without who asked; what is not as expected is left out', () => {
  const row = {
    query_id: '01b2c3d4-0000-1111-2222-abcdefabcdef',
    session: 'abcd1234',
    principal: 'key:alice',
    tool: 'execute_query',
    worker: 1,
    state: 'running',
    seconds: 2.5,
    sql: "SELECT 'secret'",
  };
  const rows = queryRowsOf([row, { ...row, query_id: null }, null, 7, { tool: 'x' }]);
  expect(rows.map(({ query }) => query)).toEqual(['…efabcdef', 'not yet known']);
  expect(JSON.stringify(rows)).not.toMatch(/alice|secret|abcd1234|01b2/);
  expect([queryRowsOf({ error: 1 }), queryRowsOf(undefined)]).toEqual([[], []]);
});

test('frame: many queries are cut with their number', () => {
  const many = Array.from({ length: 25 }, () => ({ query: 'q', tool: 't', worker: '0', state: 'running', seconds: 1 }));
  expect(frame({ queries: many }).queries).toContain('and 5 more');
  expect(frame({ queries: undefined }).queries).toContain('No worker could be asked');
});

import { expect, test } from 'vitest';
import { mergeSpecs } from '../../../src/cli/commands/restart.ts';
import { connectHints } from '../../../src/cli/connect-hints.ts';
import { createLineFilter } from '../../../src/cli/log-filter.ts';
import { statusText } from '../../../src/cli/status-text.ts';
import type { DaemonStatus } from '../../../src/shared/control-api.ts';
import type { LaunchSpec } from '../../../src/shared/launch.ts';

const status: DaemonStatus = {
  pid: 4711,
  version: '1.2.3',
  demo: true,
  generation: 3,
  uptimeSeconds: 3700,
  state: 'running',
  url: 'http://127.0.0.1:8000',
  metricsUrl: 'http://127.0.0.1:8001',
  logFile: '/log/daemon.log',
  pidFile: '/run/d.pid',
  workers: [
    {
      slot: 0,
      incarnation: 3,
      pid: 4712,
      state: 'ready',
      uptimeSeconds: 61,
      restarts: 2,
      socket: '',
      lastExit: 'killed (SIGKILL)',
      cpuPercent: 12.4,
      rssBytes: 90 * 1024 ** 2,
      lagMs: 1.6,
      sessions: 5,
      inflight: 1,
    },
    {
      slot: 1,
      incarnation: 4,
      pid: 0,
      state: 'backoff',
      uptimeSeconds: 0,
      restarts: 0,
      socket: '',
      lastExit: '',
      cpuPercent: 0,
      rssBytes: 0,
      lagMs: 0,
      sessions: 0,
      inflight: 0,
    },
  ],
  lastReload: { ok: false, reason: 'the canary crashed' },
};

test('status: starts with the words scripts know and has a row for each worker', () => {
  const text = statusText(status);
  expect(text.split('\n')[0]).toBe('Daemon is running (PID: 4711)');
  for (const words of [
    'demo',
    'generation 3',
    '1h 1m',
    'the canary crashed',
    'killed (SIGKILL)',
    '90M',
    '2ms',
    '12%',
  ]) {
    expect(text).toContain(words);
  }
  for (const column of [
    'slot',
    'pid',
    'state',
    'uptime',
    'restarts',
    'last exit',
    'cpu',
    'rss',
    'lag',
    'sessions',
    'in flight',
  ]) {
    expect(text).toContain(column);
  }
});

const ready = {
  type: 'ready',
  pid: 1,
  url: 'http://127.0.0.1:8000',
  metricsUrl: 'http://127.0.0.1:8001',
  logFile: '/log/daemon.log',
  workers: 2,
  demo: false,
} as const;

test('connect: a line for each client, with a header only where a key is needed, and questions for the demo', () => {
  const open = connectHints(ready, false).join('\n');
  expect(open).toContain('claude mcp add --transport http snowflake http://127.0.0.1:8000/mcp');
  expect(open).toContain(`code --add-mcp '{"name":"snowflake","type":"http","url":"http://127.0.0.1:8000/mcp"}'`);
  expect(open).toContain('npx @modelcontextprotocol/inspector --cli http://127.0.0.1:8000/mcp --transport http');
  expect(open).not.toMatch(/Bearer|ask/);
  const closed = connectHints({ ...ready, demo: true }, true);
  expect(closed.filter((line) => line.includes('Bearer YOUR_KEY'))).toHaveLength(3);
  expect(closed.join('\n')).toContain('DEMO_DB');
});

test('restart: a flag that is not given is that of the running daemon', () => {
  const known: LaunchSpec = {
    cwd: '/a',
    configFile: '/a/c.yaml',
    flags: { 'server.port': '0', 'workers.count': '1' },
    demo: true,
    detached: false,
  };
  const given: LaunchSpec = {
    cwd: '/b',
    environment: 'staging',
    flags: { 'workers.count': '3' },
    demo: false,
    detached: true,
  };
  expect(mergeSpecs(known, given, undefined)).toEqual({
    cwd: '/a',
    configFile: '/a/c.yaml',
    environment: 'staging',
    flags: { 'server.port': '0', 'workers.count': '3' },
    demo: true,
    detached: true,
  });
  expect(mergeSpecs(known, given, false).demo).toBe(false);
  expect(mergeSpecs(undefined, given, undefined)).toEqual(given);
});

test('logs: text lines are filtered as JSON ones', () => {
  const accepts = createLineFilter({ level: 'warn' });
  const lines = [
    '2026-01-01T00:00:00Z INFO  a b',
    '2026-01-01T00:00:00Z ERROR a b',
    '  more',
    '{"level":"info"}',
    '{broken',
  ];
  expect(lines.map(accepts)).toEqual([false, true, true, false, false]);
});

/** The status of a daemon for people: the words scripts know, a few facts, one row for each worker. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { DaemonStatus, WorkerStatus } from '../shared/control-api.ts';
import { formatDuration, formatSize } from '../shared/units.ts';

const COLUMNS = [
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
] as const;

export function statusText(status: DaemonStatus): string {
  const facts = [
    [
      'state',
      `${status.state}${status.isPaused ? ', paused (takes no calls)' : ''}${status.demo ? ' (demo: embedded Snowflake)' : ''}, generation ${status.generation}`,
    ],
    ['version', status.version],
    ['uptime', formatDuration(status.uptimeSeconds * 1000)],
    ['service', `${status.url}/mcp`],
    ['metrics', `${status.metricsUrl}/metrics`],
    ['logs', status.logFile],
    ['pid file', status.pidFile],
    ...(status.reload ? [['reload', `${status.reload.step}, since ${status.reload.startedSecondsAgo} s`]] : []),
    ...(status.lastReload
      ? [['last reload', status.lastReload.ok ? 'ok' : pc.red(`failed: ${status.lastReload.reason}`)]]
      : []),
  ];
  return [
    `Daemon is running (PID: ${status.pid})`,
    ...facts.map(([name = '', value = '']) => `  ${name.padEnd(11)} ${value}`),
    workerTable([...status.workers, ...(status.spare === undefined ? [] : [status.spare])]),
  ].join('\n');
}

function workerTable(workers: readonly WorkerStatus[]): string {
  const table = new Table({ head: [...COLUMNS], style: { head: [], border: [], compact: true } });
  for (const worker of workers) {
    table.push([
      worker.slot < 0 ? 'spare' : worker.slot,
      worker.pid === 0 ? '-' : worker.pid,
      worker.state === 'ready' || worker.state === 'spare' ? pc.green(worker.state) : pc.yellow(worker.state),
      formatDuration(worker.uptimeSeconds * 1000),
      worker.restarts,
      worker.lastExit || '-',
      `${worker.cpuPercent.toFixed(0)}%`,
      formatSize(worker.rssBytes),
      `${worker.lagMs.toFixed(0)}ms`,
      worker.sessions,
      worker.inflight,
    ]);
  }
  return table.toString();
}

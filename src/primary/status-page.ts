/** The status as a page for people: plain HTML that loads itself anew every few seconds, without a script. */
import type { DaemonStatus, WorkerStatus } from '../shared/control-api.ts';
import { formatDuration, formatSize } from '../shared/units.ts';

const REFRESH_SECONDS = 5;
const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}' +
  'table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .9rem .25rem 0;text-align:left;vertical-align:top}' +
  'th{border-bottom:1px solid}';

const COLUMNS: readonly (readonly [string, (worker: WorkerStatus) => string])[] = [
  ['slot', (worker) => (worker.slot < 0 ? 'spare' : String(worker.slot))],
  ['pid', (worker) => (worker.pid === 0 ? '-' : String(worker.pid))],
  ['state', (worker) => worker.state],
  ['uptime', (worker) => formatDuration(worker.uptimeSeconds * 1000)],
  ['restarts', (worker) => String(worker.restarts)],
  ['last exit', (worker) => worker.lastExit || '-'],
  ['cpu', (worker) => `${worker.cpuPercent}%`],
  ['rss', (worker) => formatSize(worker.rssBytes)],
  ['lag', (worker) => formatDuration(worker.lagMs)],
  ['sessions', (worker) => String(worker.sessions)],
  ['in flight', (worker) => String(worker.inflight)],
];

export function statusPage(status: DaemonStatus): string {
  const reload = status.reload === undefined ? '' : ` (${status.reload.step})`;
  const facts: readonly (readonly [string, string])[] = [
    [
      'state',
      `${status.state}${reload}${status.isPaused ? ', paused' : ''}${status.demo ? ', demo: embedded Snowflake' : ''}`,
    ],
    ['service', status.url],
    ['version', status.version],
    ['pid', String(status.pid)],
    ['generation', String(status.generation)],
    ['uptime', formatDuration(status.uptimeSeconds * 1000)],
    ['log', status.logFile],
    ...(status.lastReload === undefined
      ? []
      : [['last reload', status.lastReload.ok ? 'ok' : `aborted: ${status.lastReload.reason}`] as const]),
  ];
  const factRows = facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`);
  const head = COLUMNS.map(([name]) => `<th scope="col">${name}</th>`).join('');
  const workers = [...status.workers, ...(status.spare === undefined ? [] : [status.spare])];
  const rows = workers.map(
    (worker) => `<tr>${COLUMNS.map(([, show]) => `<td>${escapeHtml(show(worker))}</td>`).join('')}</tr>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="refresh" content="${REFRESH_SECONDS}"><title>snowflake-mcp: ${escapeHtml(status.state)}</title>`,
    `<style>${STYLE}</style></head><body><h1>snowflake-mcp</h1>`,
    `<table>${factRows.join('')}</table>`,
    `<h2>Workers</h2><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
    '<p>For machines: <a href="/status">/status</a>, <a href="/metrics">/metrics</a>, /livez, /readyz</p></body></html>\n',
  ].join('');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * The parts of the status page that change, each as markup under the id of its element. The page itself and the live
 * updates are made of the same parts, so that it shows the same without a script.
 */
import type { DaemonStatus, WorkerStatus } from '../../shared/control-api.ts';
import type { Happening } from '../happenings.ts';
import type { Figures, History } from '../history.ts';
import { chartParts } from './charts.ts';
import { type Notice, noticesOf } from './notices.ts';
import type { QueryRow } from './queries.ts';
import { countText, escapeHtml, rateText, secondsText, sizeText, spanText, wholeText } from './words.ts';

export interface Scene {
  readonly status: DaemonStatus;
  readonly isReady: boolean;
  readonly history: History;
  /** Monotonic. */
  readonly now: number;
  readonly happenings: readonly Happening[];
  /** Ends by class, of each worker by its name. */
  readonly restarts: ReadonlyMap<string, readonly (readonly [reason: string, count: number])[]>;
  /** Undefined while no worker could tell. */
  readonly queries: readonly QueryRow[] | undefined;
}

/** Markup by element id. */
export type Frame = Readonly<Record<string, string>>;

export function frameOf(scene: Scene): Frame {
  const { status, history, now } = scene;
  return {
    state: stateBadge(scene),
    facts: factList(status),
    notices: noticesOf(scene).map(noticeMarkup).join(''),
    figures: figureTiles(status, history.last()),
    workers: [...status.workers, ...(status.spare === undefined ? [] : [status.spare])]
      .map((worker) => workerRow(worker, scene.restarts.get(nameOf(worker)) ?? []))
      .join(''),
    queries: queryRows(scene.queries),
    events: scene.happenings.map(eventItem).join(''),
    ...chartParts(history, now),
  };
}

const STATE_WORDS: Readonly<Record<DaemonStatus['state'], string>> = {
  starting: 'Starting',
  running: 'Running',
  reloading: 'Reloading',
  stopping: 'Stopping',
};

function stateBadge({ status, isReady }: Scene): string {
  const isCalm = status.state === 'running' && status.maintenanceSince === undefined && status.isPaused !== true;
  if (isCalm && !isReady) return badge('bad', 'Not ready');
  return badge(isCalm ? 'good' : 'busy', STATE_WORDS[status.state]);
}

const badge = (kind: string, words: string): string => `<span class="badge ${kind}">${escapeHtml(words)}</span>`;

function factList(status: DaemonStatus): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Version', status.version],
    ['Service', status.url],
    ['Up for', spanText(status.uptimeSeconds)],
    ['Generation', wholeText(status.generation)],
    ['Process', String(status.pid)],
    ['Snowflake', snowflakeWords(status)],
  ];
  return facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('');
}

function snowflakeWords({ demo, workers }: DaemonStatus): string {
  const states = workers.map(({ snowflake }) => snowflake);
  const where = demo ? ' (demo)' : '';
  if (states.includes('unhealthy')) return `failing${where}`;
  return states.includes('healthy') ? `healthy${where}` : `not asked yet${where}`;
}

const noticeMarkup = ({ kind, text }: Notice): string => `<p class="notice ${kind}">${escapeHtml(text)}</p>`;

function figureTiles(status: DaemonStatus, figures: Figures | undefined): string {
  const total = (of: (worker: WorkerStatus) => number) => status.workers.reduce((sum, worker) => sum + of(worker), 0);
  const serving = status.workers.filter(({ state }) => state === 'ready').length;
  const pool = { lent: total(({ pool }) => pool?.active ?? 0), max: total(({ pool }) => pool?.max ?? 0) };
  const tiles: readonly (readonly [string, string, string])[] = [
    [
      'Workers ready',
      `${serving} of ${status.workers.length}`,
      countText(
        total((w) => w.restarts),
        'restart',
      ),
    ],
    [
      'Requests',
      `${rateText(figures?.requestsPerSecond ?? Number.NaN)}/s`,
      `${wholeText(total((w) => w.inflight))} in flight`,
    ],
    [
      'Latency p95',
      secondsText(figures?.p95Seconds ?? Number.NaN),
      `p50 ${secondsText(figures?.p50Seconds ?? Number.NaN)}`,
    ],
    ['Sessions', wholeText(total((w) => w.sessions)), 'open now'],
    [
      'Connections in use',
      `${pool.lent} of ${pool.max}`,
      `${wholeText(total(({ pool: p }) => p?.waiting ?? 0))} waiting`,
    ],
    ['Memory', sizeText(figures?.memoryBytes ?? Number.NaN), 'all processes'],
  ];
  return tiles
    .map(
      ([name, value, more]) => `<div class="tile"><dt>${name}</dt><dd>${value}</dd><dd class="more">${more}</dd></div>`,
    )
    .join('');
}

const nameOf = ({ slot }: WorkerStatus): string => (slot < 0 ? 'spare' : String(slot));

const GOOD_STATES = ['ready', 'spare', 'standby'];
const BAD_STATES = ['errored', 'suspect', 'killing', 'backoff'];

function workerRow(worker: WorkerStatus, reasons: readonly (readonly [string, number])[]): string {
  const isThere = worker.pid !== 0;
  const kind = GOOD_STATES.includes(worker.state) ? 'good' : BAD_STATES.includes(worker.state) ? 'bad' : 'busy';
  const cells: readonly (readonly [string, string])[] = [
    ['', badge(kind, worker.state)],
    ['number', isThere ? spanText(worker.uptimeSeconds) : '–'],
    ['number', wholeText(worker.restarts)],
    ['reasons', escapeHtml(reasonWords(reasons))],
    ['number', wholeText(worker.sessions)],
    ['number', wholeText(worker.inflight)],
    ['number', isThere ? `${rateText(worker.cpuPercent)} %` : '–'],
    ['number', isThere ? sizeText(worker.rssBytes) : '–'],
    ['number', isThere ? secondsText(worker.lagMs / 1000) : '–'],
    ['number', isThere ? String(worker.pid) : '–'],
    ['number', isThere ? String(worker.incarnation) : '–'],
  ];
  const rest = cells.map(([name, text]) => `<td${name === '' ? '' : ` class="${name}"`}>${text}</td>`).join('');
  return `<tr><th scope="row">${nameOf(worker)}</th>${rest}</tr>`;
}

function reasonWords(reasons: readonly (readonly [string, number])[]): string {
  if (reasons.length === 0) return 'none';
  return reasons.map(([reason, count]) => `${reason.replaceAll('_', ' ')} ×${count}`).join(', ');
}

const QUERY_COLUMNS = 5;
const QUERIES_SHOWN = 20;

function queryRows(queries: readonly QueryRow[] | undefined): string {
  const line = (words: string) => `<tr><td colspan="${QUERY_COLUMNS}" class="none">${words}</td></tr>`;
  if (queries === undefined) return line('No worker could be asked.');
  if (queries.length === 0) return line('No query runs.');
  const rows = queries.slice(0, QUERIES_SHOWN).map(({ query, tool, worker, state, seconds }) => {
    const words = [tool, worker, state].map((text) => `<td>${escapeHtml(text)}</td>`).join('');
    return `<tr><th scope="row"><code>${escapeHtml(query)}</code></th>${words}<td class="number">${spanText(seconds)}</td></tr>`;
  });
  const more = queries.length - QUERIES_SHOWN;
  return rows.join('') + (more > 0 ? line(`and ${wholeText(more)} more`) : '');
}

function eventItem({ atMs, level, text }: Happening): string {
  const at = new Date(atMs).toISOString();
  const mark = level === 'info' ? '' : `<span class="mark">${level === 'warn' ? 'warning' : 'error'}</span> `;
  return `<li class="${level}"><time datetime="${at}">${at.slice(11, 19)}</time><span>${mark}${escapeHtml(text)}</span></li>`;
}

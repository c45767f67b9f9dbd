/**
 * A daemon under mixed load for a while: good calls, statements that are wrong or refused, calls that are cancelled,
 * sessions that come and go, reloads; whether its memory grows and anything fails that should not.
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Daemon, startDaemon } from '../test/support/daemon.ts';
import { isGood, openSession, post, type RawSession } from '../test/support/load.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { residentMib } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { type Size, sized } from './size.ts';
import { printTable } from './stats.ts';

const CLIENTS = 8;
const SLOPE_MAX = 1;
const HEADERS = { 'mcp-protocol-version': '2025-06-18' };

interface Tally {
  calls: number;
  readonly unexpected: string[];
}

type Deed = (session: RawSession, url: string) => Promise<string | undefined>;

const expectGood = async (session: RawSession, query: string) => {
  const answer = await session.call('execute_query', { query });
  return isGood(answer) ? undefined : `${answer.status} ${answer.body.slice(0, 200)}`;
};

const expectRefused = async (session: RawSession, query: string) => {
  const answer = await session.call('execute_query', { query });
  const isRefused = answer.status === 200 && answer.body.includes('"isError":true');
  return isRefused ? undefined : `not refused: ${answer.status} ${answer.body.slice(0, 200)}`;
};

/** Leaves in the middle of the answer. */
const leave: Deed = (session, url) =>
  new Promise((resolve) => {
    const call = {
      name: 'execute_query',
      arguments: { query: 'SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000))' },
    };
    const text = JSON.stringify({ jsonrpc: '2.0', id: 'left', method: 'tools/call', params: call });
    const headers = {
      ...HEADERS,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session.id,
    };
    const asked = request(`${url}/mcp`, { method: 'POST', headers, agent: new Agent() });
    asked.on('error', () => resolve(undefined));
    asked.on('response', (answer) => {
      answer.resume();
      answer.once('close', () => resolve(undefined));
    });
    asked.end(text);
    setTimeout(() => asked.destroy(), 20);
  });

/** A call and the word to cancel it; it may have been faster. */
const cancel: Deed = async (session, url) => {
  const headers = { ...HEADERS, 'mcp-session-id': session.id };
  const agent = new Agent();
  const call = {
    name: 'execute_query',
    arguments: { query: 'SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 300000))' },
  };
  const answered = post(url, agent, { jsonrpc: '2.0', id: 'to-cancel', method: 'tools/call', params: call }, headers);
  await sleep(10);
  const word = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'to-cancel' } };
  const { status } = await post(url, session.agent, word, headers);
  await answered;
  return status === 202 ? undefined : `cancel: ${status}`;
};

export const DEEDS: readonly Deed[] = [
  (session) => expectGood(session, 'SELECT 1 AS N'),
  (session) =>
    expectGood(session, 'SELECT SEQ4() AS n, RANDSTR(20, RANDOM()) AS t FROM TABLE(GENERATOR(ROWCOUNT => 100))'),
  (session) => expectRefused(session, 'SELECT * FROM no_such_table'),
  (session) => expectRefused(session, 'DROP TABLE customers'),
  (session) => expectGood(session, `SELECT ${Math.floor(Math.random() * 1e6)} AS other`),
  leave,
  cancel,
  async (session, url) => {
    const headers = { ...HEADERS, 'mcp-session-id': session.id };
    const { status } = await post(url, session.agent, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers);
    return status === 200 ? undefined : `tools/list: ${status}`;
  },
];

export async function client(url: string, tally: Tally, isOver: () => boolean): Promise<void> {
  for (let round = 0; !isOver(); round += 1) {
    const session = await openSession(url).catch((error: Error) => void tally.unexpected.push(error.message));
    for (let at = 0; session !== undefined && at < 40 && !isOver(); at += 1) {
      const deed = DEEDS[(round + at) % DEEDS.length];
      const wrong = await deed?.(session, url).catch((error: Error) => error.message);
      tally.calls += 1;
      if (wrong !== undefined) tally.unexpected.push(wrong);
    }
    session?.close();
  }
}

/** Least squares, in units of y for each unit of x. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const over = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return over / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

interface Reading {
  readonly minute: number;
  readonly primary: number;
  readonly workers: number;
}

async function read(daemon: Daemon, startedAt: number): Promise<Reading | undefined> {
  const response = await fetch(`${daemon.metricsUrl}/status`).catch(() => undefined);
  const status = (await response?.json()) as Awaited<ReturnType<Daemon['status']>> | undefined;
  const ready = status?.workers.filter(({ state }) => state === 'ready') ?? [];
  // During a reload there are more.
  if (status === undefined || ready.length !== 2 || status.workers.length !== 2) return undefined;
  const minute = (performance.now() - startedAt) / 60_000;
  return { minute, primary: residentMib([daemon.pid]), workers: residentMib(ready.map(({ pid }) => pid)) };
}

export async function soak(size: Size, asked?: number): Promise<Finding[]> {
  const minutes = asked ?? sized(size, { quick: 0.05, short: 1.5, full: 10 });
  await using daemon = await startDaemon({ workers: 2, env: { KEEPALIVE_TIMEOUT: '10m' } });
  const tally: Tally = { calls: 0, unexpected: [] };
  let over = false;
  const clients = Array.from({ length: CLIENTS }, () => client(daemon.url, tally, () => over));
  const readings: Reading[] = [];
  const startedAt = performance.now();
  const lasting = minutes * 60_000;
  let reloads = 0;
  while (performance.now() - startedAt < lasting) {
    await sleep(Math.min(2000, lasting / 20));
    const due = Math.floor((performance.now() - startedAt) / Math.max(lasting / 4, Math.min(120_000, lasting / 2)));
    if (due > reloads && size !== 'quick') {
      reloads += 1;
      const failed = await daemon.cli('reload', '--wait').then(
        ({ code, stderr }) => (code === 0 ? undefined : stderr),
        (error: Error) => error.message,
      );
      if (failed !== undefined) tally.unexpected.push(`reload: ${failed.slice(0, 300)}`);
    }
    const reading = await read(daemon, startedAt);
    if (reading !== undefined) readings.push(reading);
  }
  over = true;
  await Promise.all(clients);
  const warm = readings.filter(({ minute }) => minute > minutes / 4);
  const slope = (of: 'primary' | 'workers') => slopeOf(warm.map((reading) => [reading.minute, reading[of]] as const));
  const [primary, workers] = [slope('primary'), slope('workers')];
  for (const wrong of tally.unexpected.slice(0, 5)) console.log(`unexpected: ${wrong}`);
  const length = `${minutes} min, ${CLIENTS} clients, ${reloads} reloads`;
  const memory = (what: string, figure: number): Finding => ({
    what: `soak, slope of RSS of ${what}, ${length}`,
    ours: `${figure.toFixed(2)} MiB/min`,
    theirs: '',
    ratio: '',
    target: `< ${SLOPE_MAX} MiB/min`,
    isMet: figure < SLOPE_MAX,
  });
  const findings = [
    memory('the primary', primary),
    memory('both workers together', workers),
    {
      what: `soak, unexpected errors, ${length}`,
      ours: `${tally.unexpected.length} of ${tally.calls}`,
      theirs: '',
      ratio: '',
      target: '0',
      isMet: tally.unexpected.length === 0,
    },
  ];
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('soak', METHOD, findings);
  return findings;
}

const METHOD = [
  'A demo daemon, 2 workers; each client calls without a pause: good statements, wrong and refused ones, calls it leaves or',
  'cancels, tools/list, and every 40 calls a new session. Slope: least squares over readings while no reload ran, the first',
  'quarter of the time left out. A short run shows a slope of minutes in which caches still fill.',
];

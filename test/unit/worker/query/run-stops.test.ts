/** One statement on one lent connection: what is sent, how it is stopped, and in which state its connection goes back. */
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import type { Fate, Lease } from '../../../../src/worker/pool/pool.ts';
import type { Need } from '../../../../src/worker/pool/rules.ts';
import { type Job, type RunParts, runJob } from '../../../../src/worker/query/run.ts';
import { Stop } from '../../../../src/worker/query/stop.ts';
import type {
  Execution,
  RawRow,
  SessionState,
  StatementReply,
  StatementRequest,
} from '../../../../src/worker/snowflake/driver.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const HOME_STATE: SessionState = { database: 'DB', schema: 'S', warehouse: 'W', role: 'R' };

/** A statement that ends when the test says so. */
class Sent {
  readonly request: StatementRequest | { readonly attached: string };
  cancels = 0;
  /** What a cancel comes to; never settles when the test says so. */
  cancel = async (): Promise<void> => undefined;
  maxRows: number | undefined;
  rows: RawRow[] = [];
  /** Rows after this one do not come until the reading is stopped. */
  stallsAfter = Number.POSITIVE_INFINITY;
  end: (state?: SessionState) => void = () => {};
  fail: (error: Error) => void = () => {};
  readonly execution: Execution;

  constructor(request: Sent['request'], queryId: string) {
    this.request = request;
    const reply = new Promise<StatementReply>((resolve, reject) => {
      this.end = (state = HOME_STATE) => resolve(this.#reply(queryId, state));
      this.fail = reject;
    });
    reply.catch(() => undefined);
    this.execution = {
      reply,
      queryId: () => queryId,
      cancel: () => {
        this.cancels++;
        return this.cancel();
      },
    };
  }

  #reply(queryId: string, state: SessionState): StatementReply {
    return {
      queryId,
      columns: [{ name: 'C', type: 'TEXT', nullable: true }],
      state,
      rowCount: this.rows.length,
      readRows: async (maxRows, take, signal) => {
        this.maxRows = maxRows;
        for (const [at, row] of this.rows.entries()) {
          if (at >= this.stallsAfter) {
            await new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            });
          }
          if (!take(row)) return;
        }
      },
    };
  }
}

/** A pool with one connection, and what became of it. */
function scene(place = '', home: SessionState | undefined = undefined) {
  const sent: Sent[] = [];
  const fates: Fate[] = [];
  const asked: { need: Need; deadline: number }[] = [];
  const note = (request: Sent['request']) => {
    const statement = new Sent(request, `q-${sent.length + 1}`);
    sent.push(statement);
    return statement.execution;
  };
  const lease = {
    place,
    connection: { execute: note, attach: (attached: string) => note({ attached }) },
    release: (fate: Fate) => void fates.push(fate),
  } as unknown as Lease;
  const running = new Set<Execution>();
  const parts: RunParts = {
    pool: {
      acquire: async (need, deadline, signal) => {
        signal.throwIfAborted();
        asked.push({ need, deadline });
        return lease;
      },
    },
    clock: { now: () => 5000, wall: () => new Date(0) },
    limits: { acquireMs: 700, queryMs: 60_000, resultBytes: 1000, cellBytes: 1000 },
    home: { state: home },
    running,
    background: new Set(),
  };
  const client = new AbortController();
  const stop = new Stop(client.signal);
  const run = (job: Partial<Job> = {}) => {
    const whole: Job = {
      sql: 'SELECT 1',
      place: undefined,
      maxRows: 2,
      isOneStep: true,
      changesSession: false,
      queryTag: 'tag',
      ...job,
    };
    const outcome = runJob(parts, whole, stop).finally(() => stop.end());
    outcome.catch(() => undefined);
    return outcome;
  };
  return { sent, fates, asked, lease, parts, running, client, stop, run };
}

const turn = () => vi.advanceTimersByTimeAsync(0);
const texts = (sent: readonly Sent[]) => sent.map(({ request }) => ('sql' in request ? request.sql : request.attached));
const refused = (code: string) => new AppError('SQL_ERROR', { snowflakeCode: code, sqlState: '42000', message: 'no' });

test('run: each statement carries its tag and a time limit a little above the own one, a step of one a limit on rows', async () => {
  const { sent, run, asked, parts } = scene('');
  const outcome = run({ place: 'USE DATABASE "D"', timeoutMs: 1500, binds: ['b'], commits: true, isWrite: true });
  for (let at = 0; at < 3; at++) {
    await turn();
    sent[at]?.end();
  }
  await outcome;
  const fence = { QUERY_TAG: 'tag', STATEMENT_TIMEOUT_IN_SECONDS: 7 };
  expect(sent.map(({ request }) => request)).toEqual([
    { sql: 'USE DATABASE "D"', parameters: fence },
    { sql: 'SELECT 1', binds: ['b'], parameters: { ...fence, ROWS_PER_RESULTSET: 3 } },
    { sql: 'COMMIT', parameters: fence },
  ]);
  expect(asked).toEqual([{ need: { place: 'USE DATABASE "D"', exact: false }, deadline: 5700 }]);
  expect(parts.background.size).toBe(0);

  const chain = scene();
  const many = chain.run({ isOneStep: false });
  await turn();
  chain.sent[0]?.end();
  await many;
  expect(chain.sent[0]?.request).toEqual({
    sql: 'SELECT 1',
    parameters: { QUERY_TAG: 'tag', STATEMENT_TIMEOUT_IN_SECONDS: 65 },
  });
  expect(chain.sent[0]?.maxRows).toBe(3);
});

test('stop: the caller is answered at once, the connection waits for the end of its statement in Snowflake', async () => {
  const { sent, fates, run, client, parts, running } = scene();
  const outcome = run();
  await turn();
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED', details: { queryId: 'q-1' } });
  expect([sent[0]?.cancels, fates, parts.background.size, running.size]).toEqual([1, [], 1, 1]);
  await vi.advanceTimersByTimeAsync(450);
  expect([sent[0]?.cancels, fates]).toEqual([3, []]);
  sent[0]?.fail(new AppError('QUERY_CANCELLED', {}));
  await turn();
  expect([sent[0]?.cancels, fates, parts.background.size, running.size]).toEqual([3, ['clean'], 0, 0]);
});

test.each([
  ['its cancels are answered', async () => undefined],
  ['its cancels fail', () => Promise.reject(new Error('away'))],
  ['its cancels are not answered', () => new Promise<void>(() => {})],
])('stop: a statement that does not end, though %s, loses its connection within ten seconds', async (_what, cancel) => {
  const { sent, fates, run, client } = scene();
  const outcome = run();
  await turn();
  if (sent[0] !== undefined) sent[0].cancel = cancel;
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  await vi.advanceTimersByTimeAsync(4000);
  expect(fates).toEqual([]);
  await vi.advanceTimersByTimeAsync(6000);
  expect([sent[0]?.cancels, fates]).toEqual([4, ['spent']]);
});

test('stop: the time limit counts from the moment there is a connection, and the error names it', async () => {
  const { sent, run, stop } = scene();
  const outcome = run({ timeoutMs: 2000 });
  await turn();
  await vi.advanceTimersByTimeAsync(1999);
  expect(sent[0]?.cancels).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', details: { limitMs: 2000, queryId: 'q-1' } });
  expect(stop.causeInSnowflake).toBe('timeout');
});

test('stop: among the rows the caller is told the query id, and the connection is used again', async () => {
  const { sent, fates, run, client } = scene();
  const outcome = run({ maxRows: 10 });
  await turn();
  Object.assign(sent[0] ?? {}, { rows: [['a'], ['b'], ['c']], stallsAfter: 1 });
  sent[0]?.end();
  await turn();
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED', details: { queryId: 'q-1' } });
  expect([sent[0]?.cancels, fates]).toEqual([0, ['clean']]);
});

test('stop: a change of rows that is stopped takes its session along, even when Snowflake has ended it', async () => {
  const { sent, fates, run, client } = scene();
  const outcome = run({ isWrite: true, commits: true });
  await turn();
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  sent[0]?.fail(new AppError('QUERY_CANCELLED', {}));
  await turn();
  expect(fates).toEqual(['spent']);
});

test('stop: a COMMIT that is stopped takes its session along', async () => {
  const { sent, fates, run, client } = scene();
  const outcome = run({ isWrite: true, commits: true });
  await turn();
  sent[0]?.end();
  await turn();
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED', details: { queryId: 'q-2' } });
  sent[1]?.end();
  await turn();
  expect([texts(sent), fates]).toEqual([['SELECT 1', 'COMMIT'], ['spent']]);
});

test('stop: what is stopped on its way to its place is nowhere, and its statement is not sent', async () => {
  const { sent, fates, run, client, lease } = scene();
  const outcome = run({ place: 'USE DATABASE "D"' });
  await turn();
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  sent[0]?.end();
  await turn();
  expect([texts(sent), fates, lease.place]).toEqual([['USE DATABASE "D"'], ['clean'], 'unknown']);
});

test('stop: one that comes just before the statement is sent does not wait for its end', async () => {
  const { sent, fates, run, stop } = scene();
  const outcome = run({ report: (state) => state === 'running' && stop.stop('operator') });
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_KILLED' });
  expect(fates).toEqual([]);
  sent[0]?.end();
  await turn();
  expect(fates).toEqual(['clean']);
});

test('stop: a statement that has ended leaves no timer and no listener behind, however it ended', async () => {
  for (const how of ['well', 'badly', 'stopped'] as const) {
    const { sent, run, client } = scene();
    const outcome = run();
    await turn();
    if (how === 'stopped') client.abort();
    if (how === 'well') sent[0]?.end();
    else sent[0]?.fail(refused('000001'));
    await outcome.catch(() => undefined);
    await turn();
    expect([how, vi.getTimerCount(), getEventListeners(client.signal, 'abort').length]).toEqual([how, 0, 0]);
  }
});

test('place: a session is led where its call belongs, and no further than it has come', async () => {
  const led = scene('USE DATABASE "OLD"');
  const there = led.run({ place: 'USE DATABASE "NEW"' });
  await turn();
  led.sent[0]?.end();
  await turn();
  led.sent[1]?.end();
  await there;
  expect(led.lease.place).toBe('USE DATABASE "NEW"');

  const missing = scene('USE DATABASE "OLD"');
  const nowhere = missing.run({ place: 'USE SCHEMA "D"."S"' });
  await turn();
  missing.sent[0]?.fail(refused('002043'));
  await expect(nowhere).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
    details: { kind: 'Schema', name: '"D"."S"' },
  });
  expect([missing.lease.place, missing.fates]).toEqual(['USE DATABASE "OLD"', ['clean']]);

  const odd = scene('USE DATABASE "OLD"');
  const other = odd.run({ place: 'USE DATABASE "NEW"' });
  await turn();
  odd.sent[0]?.fail(refused('000606'));
  await expect(other).rejects.toMatchObject({ code: 'SQL_ERROR' });
  expect(texts(odd.sent)).toEqual(['USE DATABASE "NEW"']);
});

test('place: home is where the first statement of a login stood; a call without a place is led there', async () => {
  const first = scene();
  const learned = first.run({ place: '' });
  await turn();
  first.sent[0]?.end();
  await learned;
  expect(first.asked[0]?.need).toEqual({ place: '', exact: true });
  expect(first.parts.home.state).toEqual(HOME_STATE);

  const away = scene('USE DATABASE "OTHER"', HOME_STATE);
  const back = away.run({ place: '' });
  await turn();
  away.sent[0]?.end();
  await turn();
  away.sent[1]?.end();
  await back;
  expect([texts(away.sent), away.asked[0]?.need]).toEqual([
    ['USE SCHEMA "DB"."S"', 'SELECT 1'],
    { place: '', exact: false },
  ]);
});

test.each<[string, Partial<Job>, string]>([
  ['a statement that changes its session', { place: '', changesSession: true }, ''],
  ['one that was sent before', { place: '', attachTo: 'q-0' }, ''],
  ['one somewhere else', {}, 'USE DATABASE "D"'],
])('place: home is not learned from %s', async (_what, job, place) => {
  const { parts, sent, run } = scene(place);
  const outcome = run(job);
  await turn();
  sent[0]?.end();
  await outcome;
  expect(parts.home.state).toBeUndefined();
});

test.each<[string, Partial<SessionState>]>([
  ['role', { role: 'OTHER' }],
  ['warehouse', { warehouse: 'OTHER' }],
  ['database', { database: 'OTHER' }],
])(
  'session: one whose %s is another than home has is not used again, and home is learned anew',
  async (_what, moved) => {
    const { sent, fates, run, parts } = scene('', HOME_STATE);
    const outcome = run();
    await turn();
    sent[0]?.end({ ...HOME_STATE, ...moved });
    await outcome;
    expect([fates, parts.home.state]).toEqual([['spent'], undefined]);
  },
);

test('session: one that a statement means to change is not used again, whether it shows or not; home stays known', async () => {
  for (const role of ['OTHER', 'R']) {
    const { sent, fates, run, parts } = scene('', HOME_STATE);
    const outcome = run({ changesSession: true });
    await turn();
    sent[0]?.end({ ...HOME_STATE, role });
    await outcome;
    expect([fates, parts.home.state]).toEqual([['spent'], HOME_STATE]);
  }
});

test.each<[string, string, Partial<Job>, Partial<SessionState>]>([
  [
    'a call in another database',
    'USE DATABASE "D"',
    { place: 'USE DATABASE "D"' },
    { database: 'D', schema: 'PUBLIC' },
  ],
  ['the answer of a statement that another session has sent', '', { attachTo: 'q-0' }, { role: 'OTHER' }],
])('session: %s says nothing about home', async (_what, place, job, state) => {
  const { sent, fates, run, parts } = scene(place, HOME_STATE);
  const outcome = run(job);
  await turn();
  sent[0]?.end({ ...HOME_STATE, ...state });
  await outcome;
  expect([fates, parts.home.state]).toEqual([['clean'], HOME_STATE]);
});

test.each<[Fate, AppError]>([
  ['dead', new AppError('CONNECTION_LOST', { reason: 'gone' })],
  ['dead', new AppError('SNOWFLAKE_UNREACHABLE', { reason: 'away' })],
  ['spent', new AppError('RESULT_UNREADABLE', { reason: 'cut' })],
  ['spent', new AppError('INTERNAL', { where: 'here' })],
  ['clean', new AppError('SQL_ERROR', { snowflakeCode: '1', sqlState: '2', message: 'no' })],
])('session: it comes back %s after %s', async (fate, error) => {
  const { sent, fates, run } = scene();
  const outcome = run({ isWrite: true });
  await turn();
  sent[0]?.fail(error);
  await expect(outcome).rejects.toBe(error);
  expect(fates).toEqual([fate]);
});

test('attach: a statement that was sent before is waited for where it is; when it fails it is sent once, in its place', async () => {
  const { sent, run, fates } = scene();
  const outcome = run({ attachTo: 'q-0', place: 'USE DATABASE "D"' });
  await turn();
  expect(texts(sent)).toEqual(['q-0']);
  sent[0]?.fail(refused('000605'));
  await turn();
  sent[1]?.end();
  await turn();
  sent[2]?.end();
  expect(await outcome).toMatchObject({ queryId: 'q-3' });
  expect([texts(sent), fates]).toEqual([
    ['q-0', 'USE DATABASE "D"', 'SELECT 1'],
    ['clean', 'clean'],
  ]);
});

test('attach: a wait that is stopped sends nothing, and cancels the statement', async () => {
  const { sent, run, client } = scene();
  const outcome = run({ attachTo: 'q-0' });
  await turn();
  client.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'QUERY_CANCELLED', details: { queryId: 'q-1' } });
  expect([texts(sent), sent[0]?.cancels]).toEqual([['q-0'], 1]);
});

test('report: a caller hears that it waits, that its statement runs, and each row; and where the query id will be', async () => {
  const { sent, run } = scene();
  const heard: string[] = [];
  let queryId: () => string | undefined = () => undefined;
  const outcome = run({
    report: (state, rows) => void heard.push(`${state} ${rows}`),
    onStatement: (told) => {
      queryId = told;
    },
    onRows: () => void heard.push('rows'),
  });
  await turn();
  if (sent[0] !== undefined) sent[0].rows = [['a'], ['b'], ['c']];
  sent[0]?.end();
  expect(await outcome).toMatchObject({ rows: [['a'], ['b']], truncated: { limit: 'rows', max: 2 } });
  expect(heard).toEqual(['waiting 0', 'running 0', 'rows', 'reading 1', 'reading 2', 'reading 3']);
  expect(queryId()).toBe('q-1');
});

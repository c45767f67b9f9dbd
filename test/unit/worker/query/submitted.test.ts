/** Submitted statements while Snowflake answers late, not at all, or does not know them yet. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import type { Fate, Lease } from '../../../../src/worker/pool/pool.ts';
import type { Job, RunParts } from '../../../../src/worker/query/run.ts';
import { createSubmitted } from '../../../../src/worker/query/submitted.ts';
import { type Connection, DriverError, type RawRow } from '../../../../src/worker/snowflake/driver.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const ID = '01b00000-0000-0000-0000-000000000001';
const JOB: Job = {
  sql: 'SELECT 1',
  place: undefined,
  maxRows: 1,
  isOneStep: true,
  changesSession: false,
  queryTag: 't',
};
const NEVER = new AbortController().signal;
/** As the driver's: nobody has to hear of it. */
function failed(error: Error): Promise<never> {
  const reply = Promise.reject(error);
  reply.catch(() => undefined);
  return reply;
}
const turn = () => vi.advanceTimersByTimeAsync(0);

/** One connection, what is asked of it, and how it comes back. */
function scene(more: Partial<Connection> = {}) {
  const fates: Fate[] = [];
  const pool = { isFull: false };
  const heard = { cancels: 0, destroyed: 0, ended: 0, causes: [] as string[] };
  const sent: Readonly<Record<string, unknown>>[] = [];
  const connection: Partial<Connection> = {
    isUp: () => true,
    submit: async ({ parameters }) => {
      sent.push(parameters);
      return ID;
    },
    queryStatus: async () => 'RUNNING',
    attach: () => ({
      reply: failed(new AppError('QUERY_CANCELLED', {})),
      queryId: () => ID,
      cancel: async () => void heard.cancels++,
    }),
    destroy: async () => void heard.destroyed++,
    ...more,
  };
  const lease = () => ({ connection, place: '', release: (fate: Fate) => void fates.push(fate) }) as unknown as Lease;
  const parts: RunParts = {
    pool: { acquire: async () => (pool.isFull ? Promise.reject(new AppError('POOL_CLOSED', {})) : lease()) },
    clock: { now: () => Date.now(), wall: () => new Date() },
    limits: { acquireMs: 1000, queryMs: 10_000, resultBytes: 1000, cellBytes: 1000 },
    home: { state: undefined },
    running: new Set(),
    background: new Set(),
  };
  const submitted = createSubmitted({
    partsFor: () => parts,
    timeoutMs: 3_600_000,
    maxKept: 2,
    onRead: () => {},
    onEnded: () => void heard.ended++,
    onCancelled: (cause) => void heard.causes.push(cause),
  });
  const start = (signal = NEVER, job: Partial<Job> = {}) => {
    const started = submitted.start(parts, { ...JOB, ...job }, signal);
    started.catch(() => undefined);
    return started;
  };
  return { submitted, start, parts, fates, heard, sent, pool };
}

test('submit: a call that goes before its statement has a name ends at once; statement and session are ended behind it', async () => {
  let name: (id: string) => void = () => {};
  const client = new AbortController();
  const { submitted, start, fates, heard, parts } = scene({ submit: () => new Promise((resolve) => (name = resolve)) });
  const started = start(client.signal);
  await turn();
  client.abort();
  await expect(started).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  expect([fates, parts.background.size]).toEqual([[], 1]);
  name(ID);
  await turn();
  expect(heard).toMatchObject({ cancels: 1, causes: ['client'] });
  expect([fates, submitted.kept(), parts.background.size]).toEqual([['spent'], [], 0]);
});

test('submit: one that Snowflake does not answer ends with the time limit of a statement, and its session with it', async () => {
  const { start, fates } = scene({ submit: () => new Promise(() => {}) });
  const started = start();
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(started).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(fates).toEqual(['spent']);
});

test('submit: Snowflake ends the statement by the server limit, or by that of its caller when it is shorter', async () => {
  const { start, sent } = scene();
  await start();
  await start(NEVER, { timeoutMs: 1500 });
  expect(sent.map((parameters) => parameters.STATEMENT_TIMEOUT_IN_SECONDS)).toEqual([3600, 2]);
});

test('watch: a session is kept while Snowflake does not know its statement yet, and ended with the statement', async () => {
  let state: string | undefined;
  const { submitted, start, heard } = scene({ queryStatus: async () => state });
  await start();
  await vi.advanceTimersByTimeAsync(20_000);
  expect([submitted.kept(), heard.destroyed]).toEqual([[ID], 0]);
  state = 'RUNNING';
  await vi.advanceTimersByTimeAsync(60_000);
  expect([submitted.kept(), heard.destroyed]).toEqual([[ID], 0]);
  state = 'SUCCESS';
  await vi.advanceTimersByTimeAsync(20_000);
  expect([submitted.kept(), heard]).toMatchObject([[], { destroyed: 1, ended: 1 }]);
});

test('watch: a statement that is seen now and then is not given up', async () => {
  let asked = 0;
  const { submitted, start } = scene({ queryStatus: async () => (asked++ % 3 === 0 ? 'RUNNING' : undefined) });
  await start();
  await vi.advanceTimersByTimeAsync(900_000);
  expect(submitted.kept()).toEqual([ID]);
});

test('watch: an outage is waited for, a session that is gone is not', async () => {
  let isUp = true;
  const { submitted, start, heard } = scene({ isUp: () => isUp, queryStatus: () => Promise.reject(new Error('away')) });
  await start();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(submitted.kept()).toEqual([ID]);
  isUp = false;
  await vi.advanceTimersByTimeAsync(15_000);
  expect([submitted.kept(), heard.ended]).toEqual([[], 1]);
});

test('watch: a session whose statement nobody knows for minutes is given up', async () => {
  const { submitted, start, heard } = scene({ queryStatus: async () => undefined });
  await start();
  await vi.advanceTimersByTimeAsync(300_000);
  expect([submitted.kept(), heard.destroyed]).toEqual([[], 1]);
});

test('close: the session of a statement that Snowflake does not know yet is left alone', async () => {
  const { submitted, start, heard } = scene({ queryStatus: async () => undefined });
  await start();
  await submitted.close();
  expect(heard.destroyed).toBe(0);
});

test('close: the session of a statement that has ended is ended, that of one that runs goes on', async () => {
  for (const [state, destroyed] of [
    ['SUCCESS', 1],
    ['RUNNING', 0],
  ] as const) {
    const { submitted, start, heard } = scene({ queryStatus: async () => state });
    await start();
    await submitted.close();
    expect([state, heard.destroyed, submitted.kept()]).toEqual([state, destroyed, []]);
  }
});

test('cancel: what has ended is left alone', async () => {
  const { submitted, heard, fates } = scene({ queryStatus: async () => 'SUCCESS' });
  await submitted.cancel(ID);
  expect([heard.cancels, heard.causes, fates, vi.getTimerCount()]).toEqual([0, [], ['clean'], 0]);
});

test('cancel: a session whose statement does not end for seconds is not used again', async () => {
  const attach = () => ({ reply: new Promise<never>(() => {}), queryId: () => ID, cancel: async () => undefined });
  const { submitted, heard, fates } = scene({ attach });
  const cancelled = submitted.cancel(ID);
  await vi.advanceTimersByTimeAsync(5000);
  await cancelled;
  expect([heard.causes, fates[0]]).toEqual([['client'], 'spent']);
});

test.each([
  ['RUNNING', new AppError('SQL_ERROR', { snowflakeCode: '000605', sqlState: '0', message: 'no' })],
  [undefined, new AppError('SNOWFLAKE_UNREACHABLE', { reason: 'away' })],
])('cancel: one of a statement whose state is %s that fails is told', async (state, error) => {
  const attach = () => ({ reply: failed(error), queryId: () => ID, cancel: () => Promise.reject(error) });
  const { submitted, heard } = scene({ attach, queryStatus: async () => state });
  await expect(submitted.cancel(ID)).rejects.toBe(error);
  expect(heard.causes).toEqual([]);
});

test('cancel: a statement that Snowflake does not know yet is cancelled all the same', async () => {
  const { submitted, heard, fates } = scene({ queryStatus: async () => undefined });
  await submitted.cancel(ID);
  expect([heard.cancels, heard.causes, fates]).toEqual([1, ['client'], ['clean']]);
});

test('cancel: of what Snowflake does not know it may refuse the cancel, which is no failure', async () => {
  const { submitted, heard } = scene({
    queryStatus: async () => undefined,
    attach: () => ({
      reply: failed(new AppError('INTERNAL', { where: 'x' })),
      queryId: () => ID,
      cancel: () =>
        Promise.reject(new AppError('SQL_ERROR', { snowflakeCode: '000605', sqlState: '0', message: 'no' })),
    }),
  });
  await submitted.cancel(ID);
  expect(heard.causes).toEqual([]);
});

test.each<[string, Partial<Connection>]>([
  ['the question for the state', { queryStatus: () => new Promise(() => {}) }],
  [
    'the cancel',
    { attach: () => ({ reply: new Promise(() => {}), queryId: () => ID, cancel: () => new Promise(() => {}) }) },
  ],
])('cancel: it takes seconds when Snowflake does not answer %s, and says so', async (_what, more) => {
  const { submitted, fates } = scene(more);
  const cancelled = submitted.cancel(ID);
  cancelled.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(cancelled).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
  expect(fates).toEqual(['dead']);
});

test('state: a caller that goes while Snowflake does not answer is gone at once, and the session is not used again', async () => {
  const { submitted, fates } = scene({ queryStatus: () => new Promise(() => {}) });
  const client = new AbortController();
  const asked = submitted.state(ID, client.signal);
  asked.catch(() => undefined);
  await turn();
  client.abort();
  await turn();
  await expect(asked).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  expect(fates).toEqual(['spent']);
});

const CALLER = { tool: 'query_result', requestId: 'r', principal: 'p' };

/** A finished statement with these rows. */
function finished(rows: readonly RawRow[]): Partial<Connection> {
  const state = { database: undefined, schema: undefined, warehouse: undefined, role: undefined };
  const columns = (rows[0] ?? []).map((_, n) => ({ name: `C${n}`, type: 'TEXT', nullable: true }));
  const reply = {
    queryId: ID,
    columns,
    state,
    rowCount: rows.length,
    readRows: async (maxRows: number, take: (row: RawRow) => boolean, _signal: AbortSignal, start = 0) => {
      rows.slice(start, start + maxRows).every(take);
    },
  };
  return { attach: () => ({ reply: Promise.resolve(reply), queryId: () => ID, cancel: async () => undefined }) };
}

test('page: it ends where the limit on bytes is reached, the next goes on there, and one behind the end is empty', async () => {
  const rows = Array.from({ length: 5 }, (_, n) => [String(n).repeat(400)]);
  const { submitted, fates } = scene(finished(rows));
  const sizes = [];
  for (const start of [0, 2, 4, 5]) {
    const page = await submitted.page(ID, { start, maxRows: 10 }, CALLER, NEVER);
    sizes.push([page.rows.length, page.rowCount]);
    expect(page.rows[0]?.[0] ?? '').toBe(rows[start]?.[0] ?? '');
  }
  expect(sizes).toEqual([
    [2, 5],
    [2, 5],
    [1, 5],
    [0, 5],
  ]);
  expect(new Set(fates)).toEqual(new Set(['clean']));
});

test('page: a row that is larger than a page may be is told, with what to do', async () => {
  const { submitted } = scene(finished([['a'.repeat(900), 'b'.repeat(900)]]));
  await expect(submitted.page(ID, { start: 0, maxRows: 10 }, CALLER, NEVER)).rejects.toMatchObject({
    code: 'RESULT_UNREADABLE',
    message: expect.stringMatching(/larger than limits.max_result_bytes.*fewer columns/),
  });
});

test('state: when Snowflake does not answer within the time limit of a statement, it says so', async () => {
  const { submitted, fates } = scene({ queryStatus: () => new Promise(() => {}) });
  const asked = submitted.state(ID, NEVER);
  asked.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(asked).rejects.toMatchObject({
    code: 'SNOWFLAKE_UNREACHABLE',
    message: expect.stringMatching(/10000 ms/),
  });
  expect([fates, vi.getTimerCount()]).toEqual([['dead'], 0]);
});

test('failure: what ended the statement is told with the limit it had; what ends the question is no failure of it', async () => {
  const timedOut = new DriverError({ stage: 'statement', code: '000630', message: 'timeout' });
  const attach = () => ({ reply: failed(timedOut), queryId: () => ID, cancel: async () => undefined });
  const { submitted } = scene({ attach });
  expect(await submitted.failure(ID, NEVER)).toMatchObject({ code: 'QUERY_TIMEOUT', details: { limitMs: 3_600_000 } });
  expect(await submitted.failure(ID, NEVER, undefined, 2000)).toMatchObject({ details: { limitMs: 2000 } });

  const silent = scene({ attach: () => ({ ...attach(), reply: new Promise(() => {}) }) });
  const asked = silent.submitted.failure(ID, NEVER);
  asked.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(asked).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
});

test('cancel: while the pool has no session to spare the one that runs the statement does, unless it has just ended', async () => {
  let word = () => Promise.resolve<string | undefined>('RUNNING');
  const { submitted, start, heard, pool, fates } = scene({ queryStatus: () => word() });
  await start();
  pool.isFull = true;
  await submitted.cancel(ID);
  expect([heard.cancels, heard.destroyed, fates]).toEqual([1, 0, ['kept']]);
  word = () => Promise.reject(new AppError('CONNECTION_LOST', { reason: 'gone' }));
  await expect(submitted.cancel(ID)).rejects.toMatchObject({ code: 'POOL_CLOSED' });
});

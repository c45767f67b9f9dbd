/** What becomes of a statement whose session is lost, and of its connection; the rest of run.ts is tried with the driver. */
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/shared/clock.ts';
import { AppError } from '../../../../src/shared/errors.ts';
import type { Fate, Lease } from '../../../../src/worker/pool/pool.ts';
import { type Job, type RunParts, runJob } from '../../../../src/worker/query/run.ts';
import { Stop } from '../../../../src/worker/query/stop.ts';

/** Every statement fails with `error`. */
function failing(error: AppError) {
  const fates: Fate[] = [];
  const execute = () => ({ reply: Promise.reject(error), queryId: () => undefined, cancel: async () => undefined });
  const lease = () => ({ connection: { execute }, place: '', release: (fate: Fate) => void fates.push(fate) });
  const parts: RunParts = {
    pool: { acquire: async () => lease() as unknown as Lease },
    clock: systemClock,
    limits: { acquireMs: 1000, queryMs: 1000, resultBytes: 1000, cellBytes: 1000 },
    home: { state: undefined },
    running: new Set(),
    background: new Set(),
  };
  return { parts, fates };
}

const JOB: Job = { sql: 'x', place: undefined, maxRows: 1, isOneStep: true, changesSession: false, queryTag: 't' };

async function codeAfter(parts: RunParts, job: Job): Promise<string> {
  const stop = new Stop(new AbortController().signal);
  try {
    await runJob(parts, job, stop);
    return 'none';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  } finally {
    stop.end();
  }
}

test('run: a read whose session is lost is sent once more, a write never', async () => {
  const lost = new AppError('CONNECTION_LOST', { reason: 'gone' });
  const [read, write] = [failing(lost), failing(lost)];
  expect(await codeAfter(read.parts, JOB)).toBe('CONNECTION_LOST');
  expect(read.fates).toEqual(['dead', 'dead']);
  expect(await codeAfter(write.parts, { ...JOB, isWrite: true })).toBe('CONNECTION_LOST');
  expect(write.fates).toEqual(['dead']);
});

test('run: a change of rows that failed takes its session along, a read that failed leaves it', async () => {
  const refused = new AppError('SQL_ERROR', { snowflakeCode: '1', sqlState: '2', message: 'no' });
  const [read, change] = [failing(refused), failing(refused)];
  expect(await codeAfter(read.parts, JOB)).toBe('SQL_ERROR');
  expect(read.fates).toEqual(['clean']);
  expect(await codeAfter(change.parts, { ...JOB, isWrite: true, commits: true })).toBe('SQL_ERROR');
  expect(change.fates).toEqual(['spent']);
});

/** Results that would fill the process of the embedded engine. */
import { afterEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../src/embedded/engine.ts';

let engine: Engine | undefined;
afterEach(() => engine?.close());

test.each([
  ['rows', { maxResultRows: 4999 }, 'at most 4999 rows'],
  ['bytes', { maxResultBytes: 2_000_000 }, 'at most about 2 MB at a time'],
])('engine: a result with too many %s is refused, and its connection serves on', async (_what, bound, words) => {
  engine = await createEngine(bound);
  const connection = await engine.connect();
  const large = connection.run("SELECT repeat('x', 1000) AS t FROM range(5000)");
  await expect(large).rejects.toMatchObject({ code: '000002', sqlState: '0A000' });
  await expect(large).rejects.toThrow(words);
  const { rows } = await connection.run("SELECT repeat('x', 1000) AS t FROM range(10)");
  expect(rows).toHaveLength(10);
});

test('engine: what all connections hold is bounded together, and a statement that is done with makes room', async () => {
  engine = await createEngine({ maxResultBytes: 8_000_000 });
  const [first, second] = [await engine.connect(), await engine.connect()];
  const sql = "SELECT repeat('x', 1000) AS t FROM range(5000)";
  expect((await first.run(sql)).rows).toHaveLength(5000);
  await expect(second.run(sql)).rejects.toThrow('at most about 8 MB at a time');
  expect((await second.run("SELECT 'small' AS t")).rows).toEqual([['small']]);
  first.release();
  expect((await second.run(sql)).rows).toHaveLength(5000);
  await expect(first.run(sql)).rejects.toMatchObject({ code: '000002' });
  second.close();
  expect((await first.run(sql)).rows).toHaveLength(5000);
});

test('engine: many small cells count for the memory they take, not for their digits', async () => {
  engine = await createEngine({ maxResultBytes: 50_000_000 });
  const connection = await engine.connect();
  const columns = Array.from({ length: 20 }, (_, at) => `range + ${at} AS c${at}`).join(', ');
  await expect(connection.run(`SELECT ${columns} FROM range(50000)`)).rejects.toMatchObject({ code: '000002' });
});

/** Results that would fill the process of the embedded engine. */
import { afterEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../src/embedded/engine.ts';

let engine: Engine | undefined;
afterEach(() => engine?.close());

test.each([
  ['rows', { maxResultRows: 4999 }, 'at most 4999 rows'],
  ['bytes', { maxResultBytes: 2_000_000 }, 'at most about 2 MB'],
])('engine: a result with too many %s is refused, and its connection serves on', async (_what, bound, words) => {
  engine = await createEngine(bound);
  const connection = await engine.connect();
  const large = connection.run("SELECT repeat('x', 1000) AS t FROM range(5000)");
  await expect(large).rejects.toMatchObject({ code: '000002', sqlState: '0A000' });
  await expect(large).rejects.toThrow(words);
  const { rows } = await connection.run("SELECT repeat('x', 1000) AS t FROM range(10)");
  expect(rows).toHaveLength(10);
});

import { expect, test } from 'vitest';
import { RowCollector } from '../../../../src/worker/query/collect.ts';

const text = { name: 'T', type: 'TEXT', nullable: true };

test('collector: exactly as many rows as the limit are no cut', () => {
  const collector = new RowCollector([text], { maxRows: 2, maxBytes: 100 });
  expect([collector.take(['a']), collector.take(['b'])]).toEqual([true, true]);
  expect(collector.truncated).toBeUndefined();
  expect(collector.take(['c'])).toBe(false);
  expect(collector.truncated).toEqual({ limit: 'rows', max: 2 });
  expect(collector.rows).toEqual([['a'], ['b']]);
});

test('collector: bytes count as UTF-8, and the row that passes the limit is left out', () => {
  const collector = new RowCollector([text], { maxRows: 10, maxBytes: 5 });
  expect([collector.take(['ää']), collector.take(['xx'])]).toEqual([true, false]);
  expect(collector.bytes).toBe(4);
  expect(collector.truncated).toEqual({ limit: 'bytes', max: 5 });
});

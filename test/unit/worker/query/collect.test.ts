import { expect, test } from 'vitest';
import { RowCollector } from '../../../../src/worker/query/collect.ts';

const limits = { maxRows: 10, maxBytes: 100, maxCellBytes: 50 };
const text = { name: 'T', type: 'TEXT', nullable: true };

test('collector: exactly as many rows as the limit are no cut', () => {
  const collector = new RowCollector([text], { ...limits, maxRows: 2 });
  expect([collector.take(['a']), collector.take(['b'])]).toEqual([true, true]);
  expect(collector.truncated).toBeUndefined();
  expect(collector.take(['c'])).toBe(false);
  expect(collector.truncated).toEqual({ limit: 'rows', max: 2 });
  expect(collector.rows).toEqual([['a'], ['b']]);
});

test('collector: bytes count as UTF-8, and the row that passes the limit is left out', () => {
  const collector = new RowCollector([text], { ...limits, maxBytes: 5 });
  expect([collector.take(['ää']), collector.take(['xx'])]).toEqual([true, false]);
  expect(collector.bytes).toBe(4);
  expect(collector.truncated).toEqual({ limit: 'bytes', max: 5 });
});

test('collector: a cell over its limit is cut to whole characters, and its place and full size are told', () => {
  const number = { name: 'N', type: 'FIXED', nullable: true, scale: 0 };
  const collector = new RowCollector([number, text], { ...limits, maxCellBytes: 5 });
  collector.take(['1234567890', 'short']);
  collector.take(['1', 'äöüß']);
  collector.take(['2', '\u{1f600}\u{1f600}']);
  expect(collector.rows).toEqual([
    [1234567890, 'short'],
    [1, 'äö'],
    [2, '\u{1f600}'],
  ]);
  expect(collector.cutCells).toEqual({
    count: 2,
    maxBytes: 5,
    first: [
      { row: 1, column: 1, bytes: 8 },
      { row: 2, column: 1, bytes: 8 },
    ],
  });
  expect(collector.truncated).toBeUndefined();
  expect(collector.bytes).toBe(10 + 5 + 1 + 4 + 1 + 4);
});

test('collector: NULL and empty cells count towards the limit on bytes, though they have none', () => {
  const limits = { maxRows: 1000, maxBytes: 100, maxCellBytes: 50 };
  for (const cell of [null, '', 'x']) {
    const collector = new RowCollector([text, text], limits);
    let rows = 0;
    while (collector.take([cell, cell])) rows++;
    expect([cell, rows, collector.bytes]).toEqual([cell, 12, cell === 'x' ? 24 : 0]);
    expect(collector.truncated).toEqual({ limit: 'bytes', max: 100 });
  }
});

test('collector: many cut cells are counted, and the places of the first twenty are told', () => {
  const collector = new RowCollector([text], { ...limits, maxRows: 100, maxBytes: 10_000, maxCellBytes: 1 });
  for (let row = 0; row < 50; row++) collector.take(['xx']);
  expect([collector.cutCells?.count, collector.cutCells?.first.length]).toEqual([50, 20]);
});

test('collector: cut cells count as far as they are kept', () => {
  const collector = new RowCollector([text], { maxRows: 100, maxBytes: 12, maxCellBytes: 5 });
  expect(['xxxxxxxx', 'yyyyyyyy', 'zzzzzzzz'].map((cell) => collector.take([cell]))).toEqual([true, true, false]);
  expect([collector.bytes, collector.truncated]).toEqual([10, { limit: 'bytes', max: 12 }]);
});

import { expect, test } from 'vitest';
import { renderTable } from '../../../../src/worker/mcp/render.ts';

const table = {
  columns: ['a|b', 'c'],
  rows: [
    ['x|y', null],
    ['l1\r\nl2\\', true],
    ['', 1.5],
  ],
};

test('render: a markdown cell never breaks its row', () => {
  expect(renderTable(table, 'markdown', {})).toBe(
    ['| a\\|b | c |', '| --- | --- |', '| x\\|y | NULL |', '| l1\\nl2\\\\ | true |', '|  | 1.5 |', '', '3 rows'].join(
      '\n',
    ),
  );
});

test('render: csv quotes what needs it and tells empty from missing', () => {
  expect(
    renderTable(
      {
        columns: ['a', 'b'],
        rows: [
          ['say "hi", you', null],
          ['', 2],
        ],
      },
      'csv',
      {},
    ),
  ).toBe('a,b\r\n"say ""hi"", you",\r\n"",2\r\n');
});

test('render: json is the structured answer', () => {
  expect(renderTable(table, 'json', { rows: [[1]] })).toBe('{"rows":[[1]]}');
});

test('render: one row is not plural, no rows still have a header', () => {
  expect(renderTable({ columns: ['n'], rows: [[1]] }, 'markdown', {})).toContain('\n1 row');
  expect(renderTable({ columns: ['n'], rows: [] }, 'markdown', {})).toBe('| n |\n| --- |\n\n0 rows');
});

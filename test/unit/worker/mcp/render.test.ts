import fc from 'fast-check';
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
    [
      '| a\\|b | c |',
      '| --- | --- |',
      '| x\\|y | NULL |',
      '| l1\\r\\nl2\\\\ | true |',
      '|  | 1.5 |',
      '',
      '3 rows',
    ].join('\n'),
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

/** Cells as texts, a missing one as null: what a reader of the text forms can know. */
const told = (cell: string | number | boolean | null) => (cell === null ? null : String(cell));

/** Reads a markdown table back by the rules that render.ts tells. */
function readMarkdown(text: string): (string | null)[][] {
  const lines = text.split('\n').slice(0, -2);
  return lines
    .filter((_line, at) => at !== 1)
    .map((line) =>
      line
        .slice(2, -2)
        .split(/(?<=(?:^|[^\\])(?:\\\\)*) \| /)
        .map((cell) => {
          if (cell === 'NULL') return null;
          if (cell === '\\NULL') return 'NULL';
          return cell.replace(/\\(?:u\{([0-9a-f]+)\}|(.))/g, (_mark, code?: string, char = '') =>
            code === undefined
              ? (({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[char] ?? char)
              : String.fromCodePoint(Number.parseInt(code, 16)),
          );
        }),
    );
}

/** Reads csv as RFC 4180 says, telling quoted fields from plain ones. */
function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  const row: (string | null)[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : `"${quoted.replaceAll('""', '"')}`);
    if (end === '\r\n') rows.push(row.splice(0));
  }
  const isAlone = rows[0]?.length === 1;
  return rows.map((cells) =>
    cells.map((cell) => (cell === (isAlone ? 'NULL' : '') ? null : (cell?.replace(/^"/, '') ?? null))),
  );
}

const odd = fc.constantFrom(
  'NULL',
  '',
  '\\NULL',
  '\\',
  '|',
  ' | ',
  '\\|',
  '"',
  '""',
  ',',
  '\r\n',
  '\n',
  '\\n',
  ' a ',
  '=1+1',
);
const text = fc.oneof(
  odd,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(odd, { maxLength: 4 }).map((parts) => parts.join('')),
);
const cell = fc.oneof(text, fc.constant(null), fc.boolean(), fc.double({ noNaN: true }), fc.integer());
const tables = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    columns: fc.array(text, { minLength: width, maxLength: width }),
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 }),
  }),
);

test('render: markdown loses and merges no cell', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const rendered = renderTable(table, 'markdown', {});
      expect(rendered.split('\n')).toHaveLength(table.rows.length + 4);
      expect(readMarkdown(rendered)).toEqual([table.columns, ...table.rows].map((row) => row.map(told)));
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test('render: csv loses and merges no cell', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const expected = [table.columns, ...table.rows].map((row) => row.map(told));
      expect(readCsv(renderTable(table, 'csv', {}))).toEqual(expected);
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test('render: json loses and merges no cell', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const normal = table.rows.map((row) => row.map((one) => (Object.is(one, -0) ? 0 : one)));
      const finite = normal.every((row) => row.every((one) => typeof one !== 'number' || Number.isFinite(one)));
      if (finite) expect(JSON.parse(renderTable(table, 'json', { rows: normal }))).toEqual({ rows: normal });
    }),
    { seed: 4, numRuns: 1000 },
  );
});

test('render: no control character and no turning mark reaches a markdown table', () => {
  const nasty = '\u0000\u001b[31m\u202e\u2028\u0085\t';
  const rendered = renderTable({ columns: ['a'], rows: [[nasty]] }, 'markdown', {});
  expect(rendered).toContain('| \\u{0}\\u{1b}[31m\\u{202e}\\u{2028}\\u{85}\\t |');
});

test('render: in a table of one column a missing value is still a line of csv', () => {
  expect(renderTable({ columns: ['a'], rows: [[null], [''], ['NULL']] }, 'csv', {})).toBe(
    'a\r\nNULL\r\n""\r\n"NULL"\r\n',
  );
});

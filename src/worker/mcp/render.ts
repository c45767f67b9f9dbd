/**
 * Tables as text: markdown for reading, csv for spreadsheets, json for programs. No form loses or merges cells.
 *
 * markdown: a cell never breaks its row. Pipes and backslashes get a backslash before them, control characters are written
 * as `\n`, `\t` or `\u{7}`, NULL stands for a missing value and `\NULL` for the text NULL. csv is RFC 4180: a missing value
 * is an empty field, an empty text is `""`; in a table of one column, where an empty field would be no line, a missing value
 * is NULL and that text is quoted. Cells that a spreadsheet would take for a formula are given as they are.
 */
import type { Cell } from '../query/service.ts';

export const FORMATS = ['markdown', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

// Controls, line and paragraph separators, and the marks that turn the direction of text around.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function markdownCell(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell !== 'string') return String(cell);
  if (cell === 'NULL') return '\\NULL';
  return cell
    .replace(/[\\|]/g, (mark) => `\\${mark}`)
    .replace(CONTROLS, (char) => SHORT[char] ?? `\\u{${char.charCodeAt(0).toString(16)}}`);
}

function csvCell(cell: Cell, isAlone: boolean): string {
  if (cell === null) return isAlone ? 'NULL' : '';
  const text = String(cell);
  const isQuoted = text === '' || text === 'NULL' || /[",\r\n]|^\s|\s$/.test(text);
  return isQuoted ? `"${text.replace(/"/g, '""')}"` : text;
}

function markdown(table: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const count = `${table.rows.length} row${table.rows.length === 1 ? '' : 's'}`;
  return [
    line(table.columns.map(markdownCell)),
    line(table.columns.map(() => '---')),
    ...table.rows.map((row) => line(row.map(markdownCell))),
    '',
    count,
  ].join('\n');
}

function csv(table: Table): string {
  const isAlone = table.columns.length === 1;
  const line = (cells: readonly Cell[]) => `${cells.map((cell) => csvCell(cell, isAlone)).join(',')}\r\n`;
  return [table.columns, ...table.rows].map(line).join('');
}

/** @param structured what `json` shows: the same object the client gets as structured content */
export function renderTable(table: Table, format: Format, structured: unknown): string {
  if (format === 'json') return JSON.stringify(structured);
  return format === 'csv' ? csv(table) : markdown(table);
}

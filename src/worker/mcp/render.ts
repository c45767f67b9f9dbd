/**
 * Tables as text: markdown for reading, csv for spreadsheets, json for programs.
 *
 * In markdown a cell never breaks its row: pipes are escaped, line ends become `\n`, and backslashes are doubled where
 * that would be ambiguous. Missing values are `NULL`; in csv they are empty and empty texts are quoted.
 */
import type { Cell } from '../query/service.ts';

export const FORMATS = ['markdown', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

function markdownCell(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell !== 'string') return String(cell);
  if (!/[\\|\r\n]/.test(cell)) return cell;
  return cell
    .replace(/\\/g, '\\\\')
    .replace(/\|/g, '\\|')
    .replace(/\r\n|\r|\n/g, '\\n');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
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
  return [table.columns, ...table.rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** @param structured what `json` shows: the same object the client gets as structured content */
export function renderTable(table: Table, format: Format, structured: unknown): string {
  if (format === 'json') return JSON.stringify(structured);
  return format === 'csv' ? csv(table) : markdown(table);
}

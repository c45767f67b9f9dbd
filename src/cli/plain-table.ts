/** Rows as a table for people; what is not known shows as a dash. */
import Table from 'cli-table3';

type Cell = string | number | null | undefined;

export function plainTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows)
    table.push(row.map((cell) => (cell === null || cell === undefined || cell === '' ? '-' : cell)));
  return table.toString();
}

export const JSON_OPTION = { type: 'boolean', default: false, describe: 'As JSON, for programs' } as const;

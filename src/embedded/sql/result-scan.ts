/**
 * TABLE(RESULT_SCAN(LAST_QUERY_ID())): the session's last result as a table. Only the last one is kept, and only when
 * it is small.
 */
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession, ResultColumn } from '../statement.ts';
import { quoteName, quoteText } from './nodes.ts';
import { stateOf } from './state.ts';

/** A subquery with the rows; `id` is the query id as a quoted text. */
export function resultScan(id: string, session: EmbeddedSession): string {
  const last = stateOf(session).lastResult;
  const known = session.queryIds.at(-1);
  if (last === undefined || known === undefined || id !== quoteText(known)) {
    throw new SnowflakeError(
      '000709',
      '02000',
      'Statement not found: only the last result, when it is small, can be read again in the embedded engine.',
    );
  }
  const names = last.columns.map(({ name }) => quoteName(name)).join(', ');
  const cells = (row: readonly (string | null)[]) => row.map((cell, at) => cellOf(cell, last.columns[at])).join(', ');
  if (last.rows.length === 0) {
    const empty = last.columns.map((column) => cellOf(null, column)).join(', ');
    return `(SELECT * FROM (VALUES (${empty})) AS sf_result(${names}) LIMIT 0)`;
  }
  return `(SELECT * FROM (VALUES ${last.rows.map((row) => `(${cells(row)})`).join(', ')}) AS sf_result(${names}))`;
}

function cellOf(cell: string | null, column: ResultColumn | undefined): string {
  const type = column?.type ?? 'TEXT';
  const text = cell === null ? 'NULL' : quoteText(cell);
  switch (type) {
    case 'FIXED':
      return column?.scale === 0 ? `CAST(${text} AS HUGEINT)` : `CAST(${text} AS DECIMAL(38,${column?.scale ?? 0}))`;
    case 'REAL':
      return `CAST(${text} AS DOUBLE)`;
    case 'BOOLEAN':
      return `CAST(${text} AS BOOLEAN)`;
    case 'DATE':
      return cell === null ? 'CAST(NULL AS DATE)' : `DATE '1970-01-01' + CAST(${text} AS INTEGER)`;
    case 'TIME':
      return `CAST(${text} AS VARCHAR)`;
    case 'TIMESTAMP_NTZ':
      return cell === null ? 'CAST(NULL AS TIMESTAMP)' : `make_timestamp(${microseconds(cell)})`;
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return cell === null ? 'CAST(NULL AS TIMESTAMP WITH TIME ZONE)' : `make_timestamptz(${microseconds(cell)})`;
    case 'BINARY':
      return `unhex(${text})`;
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return `CAST(${text} AS JSON)`;
    default:
      return `CAST(${text} AS VARCHAR)`;
  }
}

function microseconds(cell: string): string {
  const [seconds = '0', fraction = ''] = (cell.split(' ')[0] ?? '').split('.');
  return `${seconds}${fraction.padEnd(6, '0').slice(0, 6)}`;
}

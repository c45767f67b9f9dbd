/**
 * Results as tables again: TABLE(RESULT_SCAN(query id)) for the session's last small results, and $1, $2 behind `->>`.
 */
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession, ResultColumn, StatementResult } from '../statement.ts';
import { quoteName, quoteText } from './nodes.ts';
import { stateOf } from './state.ts';

/** A subquery with the rows; `id` is the query id as a quoted text. */
export function resultScan(id: string, session: EmbeddedSession): string {
  const result = stateOf(session).results.get(id.replace(/^'|'$/g, ''));
  if (result !== undefined) return resultTable(result);
  throw new SnowflakeError(
    '000709',
    '02000',
    'Statement not found: only the last results, when they are small, can be read again in the embedded engine.',
  );
}

export function resultTable(result: StatementResult): string {
  const names = result.columns.map(({ name }) => quoteName(name)).join(', ');
  const cells = (row: readonly (string | null)[]) => row.map((cell, at) => cellOf(cell, result.columns[at])).join(', ');
  if (result.rows.length === 0) {
    const empty = result.columns.map((column) => cellOf(null, column)).join(', ');
    return `(SELECT * FROM (VALUES (${empty})) AS sf_result(${names}) LIMIT 0)`;
  }
  return `(SELECT * FROM (VALUES ${result.rows.map((row) => `(${cells(row)})`).join(', ')}) AS sf_result(${names}))`;
}

function cellOf(cell: string | null, column: ResultColumn | undefined): string {
  const type = column?.type ?? 'TEXT';
  const text = cell === null ? 'NULL' : quoteText(cell);
  switch (type) {
    case 'FIXED':
      return `CAST(${text} AS DECIMAL(38,${column?.scale ?? 0}))`;
    case 'REAL':
      return `CAST(${text} AS DOUBLE)`;
    case 'BOOLEAN':
      return `CAST(${text} AS BOOLEAN)`;
    case 'DATE':
      return cell === null ? 'CAST(NULL AS DATE)' : `DATE '1970-01-01' + CAST(${text} AS INTEGER)`;
    case 'TIME':
      return cell === null ? 'CAST(NULL AS TIME)' : `CAST(make_timestamp(${microseconds(cell)}) AS TIME)`;
    case 'TIMESTAMP_NTZ':
      return cell === null ? 'CAST(NULL AS TIMESTAMP)' : `make_timestamp(${microseconds(cell)})`;
    case 'TIMESTAMP_LTZ':
      return cell === null ? 'CAST(NULL AS TIMESTAMP WITH TIME ZONE)' : `make_timestamptz(${microseconds(cell)})`;
    case 'TIMESTAMP_TZ':
      return cell === null
        ? 'SF_TO_TZ(NULL)'
        : `SF_ZONED(make_timestamptz(${microseconds(cell)}), ${Number(cell.split(' ')[1] ?? 1440) - 1440})`;
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

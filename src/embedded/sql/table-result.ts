/**
 * Results that are made here rather than read from DuckDB: SHOW, DESCRIBE, one-line answers.
 */
import type { ResultColumn, StatementKind, StatementResult } from '../statement.ts';
import { MAX_TEXT } from './types.ts';

export function textColumn(name: string): ResultColumn {
  return { name, type: 'TEXT', nullable: true, length: MAX_TEXT };
}

export function numberColumn(name: string): ResultColumn {
  return { name, type: 'FIXED', nullable: true, precision: 38, scale: 0 };
}

export function momentColumn(name: string): ResultColumn {
  return { name, type: 'TIMESTAMP_LTZ', nullable: true, scale: 9 };
}

/** Wire text of a point in time. */
export function momentCell(epochMs: number): string {
  return `${Math.floor(epochMs / 1000)}.${String(epochMs % 1000).padStart(3, '0')}000000`;
}

/** One row, one column `status`, as DDL and USE answer. */
export function statusResult(kind: StatementKind, text: string): StatementResult {
  return { kind, columns: [textColumn('status')], rows: [[text]] };
}

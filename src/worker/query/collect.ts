/**
 * Turns a statement's rows into JSON cells and stops at the limits, saying so.
 */
import type { Column, RawRow } from '../snowflake/driver.ts';
import { type Cell, cellReader } from './cells.ts';

export interface Truncation {
  readonly limit: 'rows' | 'bytes';
  readonly max: number;
}

export interface RowLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

export class RowCollector {
  readonly rows: Cell[][] = [];
  readonly #columns: readonly { readonly read: ReturnType<typeof cellReader>; readonly isText: boolean }[];
  readonly #limits: RowLimits;
  #bytes = 0;
  #truncated: Truncation | undefined;

  constructor(columns: readonly Column[], limits: RowLimits) {
    this.#limits = limits;
    this.#columns = columns.map((column) => ({ read: cellReader(column), isText: !ASCII_TYPES.test(column.type) }));
  }

  /** Size of the cells as Snowflake sent them. */
  get bytes(): number {
    return this.#bytes;
  }

  get truncated(): Truncation | undefined {
    return this.#truncated;
  }

  /** False when the limits are reached; that row is not kept. */
  take(row: RawRow): boolean {
    const { maxRows, maxBytes } = this.#limits;
    if (this.rows.length >= maxRows) {
      this.#truncated = { limit: 'rows', max: maxRows };
      return false;
    }
    let bytes = this.#bytes;
    const cells = this.#columns.map(({ read, isText }, index) => {
      const raw = row[index] ?? null;
      if (raw !== null) bytes += isText ? Buffer.byteLength(raw) : raw.length;
      return read(raw);
    });
    if (bytes > maxBytes) {
      this.#truncated = { limit: 'bytes', max: maxBytes };
      return false;
    }
    this.#bytes = bytes;
    this.rows.push(cells);
    return true;
  }
}

/** Types whose texts have one byte a character. */
const ASCII_TYPES = /^(?:FIXED|REAL|BOOLEAN|DATE|TIME|TIMESTAMP_\w+|BINARY)$/;

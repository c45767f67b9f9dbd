/**
 * Turns a statement's rows into JSON cells and stops at the limits, saying so.
 *
 * A cell that is too long is cut to whole characters and its place is kept; only texts can be, JSON values among them.
 */
import type { Column, RawRow } from '../snowflake/driver.ts';
import { type Cell, cellReader } from './cells.ts';

export interface Truncation {
  readonly limit: 'rows' | 'bytes';
  readonly max: number;
}

interface CutCell {
  /** Both count from 0. */
  readonly row: number;
  readonly column: number;
  /** Size of the whole cell. */
  readonly bytes: number;
}

/** The cells that are longer than the limit: how many, and where the first of them are. */
export interface CutCells {
  readonly count: number;
  readonly maxBytes: number;
  readonly first: readonly CutCell[];
}

export interface RowLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly maxCellBytes: number;
}

/** What a cell counts at least towards the limit on bytes: NULL and empty texts take memory and room in answers too. */
const LEAST_WEIGHT = 4;

/** Places of cut cells that are told one by one. */
const TOLD_CELLS = 20;

export class RowCollector {
  readonly rows: Cell[][] = [];
  readonly #columns: readonly { readonly read: ReturnType<typeof cellReader>; readonly isText: boolean }[];
  readonly #limits: RowLimits;
  #bytes = 0;
  #weight = 0;
  #truncated: Truncation | undefined;
  #cut: CutCells | undefined;

  constructor(columns: readonly Column[], limits: RowLimits) {
    this.#limits = limits;
    this.#columns = columns.map((column) => ({ read: cellReader(column), isText: !ASCII_TYPES.test(column.type) }));
  }

  /** Size of the cells that were kept, as Snowflake sent them. */
  get bytes(): number {
    return this.#bytes;
  }

  get truncated(): Truncation | undefined {
    return this.#truncated;
  }

  get cutCells(): CutCells | undefined {
    return this.#cut;
  }

  /** False when the limits are reached; that row is not kept. */
  take(row: RawRow): boolean {
    const { maxRows, maxBytes, maxCellBytes } = this.#limits;
    if (this.rows.length >= maxRows) {
      this.#truncated = { limit: 'rows', max: maxRows };
      return false;
    }
    let bytes = this.#bytes;
    let weight = this.#weight;
    const cut: CutCell[] = [];
    const cells = this.#columns.map(({ read, isText }, index) => {
      const raw = row[index] ?? null;
      if (raw === null) {
        weight += LEAST_WEIGHT;
        return null;
      }
      const size = isText ? Buffer.byteLength(raw) : raw.length;
      if (!isText || size <= maxCellBytes) {
        bytes += size;
        weight += Math.max(size, LEAST_WEIGHT);
        return read(raw);
      }
      const kept = firstBytes(raw, maxCellBytes);
      const length = Buffer.byteLength(kept);
      bytes += length;
      weight += length;
      cut.push({ row: this.rows.length, column: index, bytes: size });
      return kept;
    });
    if (weight > maxBytes) {
      this.#truncated = { limit: 'bytes', max: maxBytes };
      return false;
    }
    this.#bytes = bytes;
    this.#weight = weight;
    this.rows.push(cells);
    if (cut.length > 0) {
      const { count = 0, first = [] } = this.#cut ?? {};
      const room = Math.max(0, TOLD_CELLS - first.length);
      this.#cut = { count: count + cut.length, maxBytes: maxCellBytes, first: [...first, ...cut.slice(0, room)] };
    }
    return true;
  }
}

/** The first `max` bytes of a text as UTF-8, without half a character. */
function firstBytes(text: string, max: number): string {
  const bytes = Buffer.from(text.slice(0, max));
  let end = Math.min(max, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Types whose texts have one byte a character. */
const ASCII_TYPES = /^(?:FIXED|REAL|BOOLEAN|DATE|TIME|TIMESTAMP_\w+|BINARY)$/;

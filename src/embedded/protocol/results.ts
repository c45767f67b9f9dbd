/**
 * Results in the driver's wire form: column types, inline rows, and the rest as chunks fetched by address.
 *
 * The first rows go inline, up to 1,000 or 1 MB; then come chunks that double in size up to 10,000 rows or
 * 4 MB. A chunk is encoded when it is asked for, so memory holds the cells once and no encoding step is long.
 * A chunk's body is rows joined by commas without the outer brackets, and must not be called JSON: the driver
 * would parse it.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ResultColumn, StatementKind, StatementResult } from '../statement.ts';

type Row = readonly (string | null)[];

/** Rows from `start` up to `end`, exclusive; `bytes` is their rough size as text. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
}

export interface StoredResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly Row[];
  readonly statementTypeId: number;
  readonly inline: Span;
  readonly chunks: readonly Span[];
  /** Rough size of all cells. */
  readonly bytes: number;
}

const INLINE_ROWS = 1000;
const INLINE_BYTES = 1_000_000;
const CHUNK_ROWS_MAX = 10_000;
const CHUNK_BYTES_MAX = 4_000_000;
/** Cells measured before the event loop gets its turn. */
const SLICE_CELLS = 50_000;
const TEXT_LENGTH = 16_777_216;

const STATEMENT_TYPES: Readonly<Record<StatementKind, number>> = {
  SELECT: 0x1000,
  EXPLAIN: 0x1000,
  INSERT: 0x3100,
  UPDATE: 0x3200,
  DELETE: 0x3300,
  MERGE: 0x3400,
  ALTER_SESSION: 0x4100,
  SET: 0x4200,
  USE: 0x4300,
  SHOW: 0x4400,
  DESCRIBE: 0x4500,
  TRANSACTION: 0x5000,
  DDL: 0x6000,
};

/** Measures a statement's rows and cuts them into the inline part and chunks, in slices of the event loop. */
export async function storeResult(result: StatementResult, rowsMax: number): Promise<StoredResult> {
  const rows = rowsMax > 0 && result.rows.length > rowsMax ? result.rows.slice(0, rowsMax) : result.rows;
  const spans: Span[] = [];
  const sliceRows = Math.max(1, Math.floor(SLICE_CELLS / Math.max(1, result.columns.length)));
  let start = 0;
  let bytes = 0;
  let total = 0;
  let rowsLimit = INLINE_ROWS;
  for (let at = 0; at < rows.length; at++) {
    const size = rowBytes(rows[at] ?? []);
    const bytesLimit = spans.length === 0 ? INLINE_BYTES : CHUNK_BYTES_MAX;
    if (at - start >= rowsLimit || (bytes + size > bytesLimit && at > start)) {
      spans.push({ start, end: at, bytes });
      rowsLimit = Math.min(CHUNK_ROWS_MAX, rowsLimit * 2);
      start = at;
      bytes = 0;
    }
    bytes += size;
    total += size;
    if (at % sliceRows === sliceRows - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  spans.push({ start, end: rows.length, bytes });
  const [inline = { start: 0, end: 0, bytes: 0 }, ...chunks] = spans;
  return { columns: result.columns, rows, statementTypeId: STATEMENT_TYPES[result.kind], inline, chunks, bytes: total };
}

/** The result a multi-statement request has of its own. */
export function multiStatementResult(): StatementResult {
  const column: ResultColumn = { name: 'Multiple statement execution', type: 'TEXT', nullable: false, length: 44 };
  return { kind: 'SELECT', columns: [column], rows: [['Multiple statements executed successfully.']] };
}

function rowBytes(row: Row): number {
  let bytes = 2;
  for (const cell of row) bytes += cell === null ? 5 : cell.length + 3;
  return bytes;
}

export function inlineRows(result: StoredResult): readonly Row[] {
  return result.rows.slice(result.inline.start, result.inline.end);
}

/** What the driver must know of the chunks, or nothing when all rows are inline. */
export function chunkFields(result: StoredResult, addressOf: (index: number) => string): Record<string, unknown> {
  if (result.chunks.length === 0) return {};
  return {
    chunks: result.chunks.map(({ start, end, bytes }, index) => ({
      url: addressOf(index),
      rowCount: end - start,
      uncompressedSize: bytes,
      compressedSize: bytes,
    })),
    chunkHeaders: {},
  };
}

const gzipAsync = promisify(gzip);

/** Gzip of one chunk's rows; undefined when there is no such chunk. */
export async function encodeChunk(result: StoredResult, index: number): Promise<Buffer | undefined> {
  const span = result.chunks[index];
  if (span === undefined) return undefined;
  const json = JSON.stringify(result.rows.slice(span.start, span.end));
  return gzipAsync(json.slice(1, -1), { level: 1 });
}

/** Columns as the driver's `rowtype`. */
export function rowType(columns: readonly ResultColumn[]): Record<string, unknown>[] {
  return columns.map(({ name, type, nullable, precision, scale, length }) => {
    const size =
      type === 'TEXT' || type === 'BINARY' ? (length ?? (type === 'TEXT' ? TEXT_LENGTH : TEXT_LENGTH / 2)) : null;
    return {
      name,
      database: '',
      schema: '',
      table: '',
      type: type.toLowerCase(),
      nullable,
      precision: precision ?? (type === 'FIXED' ? 38 : null),
      scale: scale ?? (type === 'FIXED' ? 0 : /^TIME/.test(type) ? 9 : null),
      length: size,
      byteLength: type === 'TEXT' && size !== null ? Math.min(size * 4, TEXT_LENGTH) : size,
      collation: null,
    };
  });
}

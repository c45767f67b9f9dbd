/**
 * Statements that read or change rows: SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, MERGE, EXPLAIN.
 */
import type { EngineResult } from '../engine.ts';
import type { EmbeddedSession, ResultColumn, StatementKind, StatementResult } from '../statement.ts';
import { encodeRows } from './encode.ts';
import { assertVisible, assertWritable, completeObject, quoteObject } from './names.ts';
import { isWord, type SqlNode, sqlNode } from './nodes.ts';
import { expandObjectStars } from './object-star.ts';
import { Reader } from './reader.ts';
import { type RewriteScope, rewrite } from './rewrite.ts';
import { selectHints } from './select-names.ts';
import { noteChange } from './state.ts';
import { numberColumn, textColumn } from './table-result.ts';
import { declaredTypes } from './tables-used.ts';
import { resultColumn } from './types.ts';
import { convertAssignments, insertText, targetColumns } from './zoned-targets.ts';

export async function select(
  items: readonly SqlNode[],
  session: EmbeddedSession,
  scope: RewriteScope,
  describeOnly: boolean,
): Promise<StatementResult> {
  const text = queryText(await expandObjectStars(items, session, scope), scope);
  const result = await session.connection.run(describeOnly ? `SELECT * FROM (${text}) AS sf_query LIMIT 0` : text);
  const columns = await resultColumns(result, items, session);
  return { kind: 'SELECT', columns, rows: await encodeRows(result, columns) };
}

/** A query as DuckDB SQL; one that is only VALUES reads like a table of them. */
function queryText(items: readonly SqlNode[], scope: RewriteScope): string {
  const first = items[0];
  if (first?.kind !== 'leaf' || !isWord(first, 'VALUES')) return rewrite(items, scope);
  const leaf = (value: string): SqlNode => ({
    kind: 'leaf',
    token: { ...first.token, kind: value === '*' ? 'op' : 'word', text: value, value },
  });
  return rewrite([leaf('SELECT'), leaf('*'), leaf('FROM'), ...items], scope);
}

async function resultColumns(
  result: EngineResult,
  items: readonly SqlNode[],
  session: EmbeddedSession,
): Promise<ResultColumn[]> {
  const needsHint = result.columns.some(({ type }) => type === 'JSON');
  if (!needsHint) return result.columns.map((column) => resultColumn(column));
  const hints = selectHints(items);
  const declared = await declaredTypes(items, session);
  return result.columns.map((column, at) => {
    const { hint, column: source } = hints[at] ?? { hint: undefined, column: column.name };
    return resultColumn(column, hint ?? (source === undefined ? undefined : declared.get(source)));
  });
}

/** INSERT, UPDATE, DELETE and MERGE answer one row of counts. */
export async function changeRows(
  items: readonly SqlNode[],
  session: EmbeddedSession,
  scope: RewriteScope,
  verb: string,
): Promise<StatementResult> {
  const main = items.findIndex((item) => isWord(item, verb));
  const reader = new Reader(items, main + 1);
  let prefix: readonly SqlNode[] = items.slice(0, main + 1);
  let isOverwrite = false;
  if (verb === 'INSERT') {
    isOverwrite = reader.takeAny('OVERWRITE');
    reader.expect('INTO');
  } else if (verb === 'MERGE') reader.expect('INTO');
  else if (verb === 'DELETE') reader.expect('FROM');
  reader.takeAny('TABLE');
  const parts = reader.dotted();
  assertVisible(parts);
  const object = completeObject(parts, session);
  assertWritable(object.database, 'table');
  const target = quoteObject(object);
  prefix = [...prefix, sqlNode(`${verb === 'UPDATE' ? '' : verb === 'DELETE' ? 'FROM ' : 'INTO '}${target}`)];
  const { connection } = session;
  const columns = scope.isZoned === true ? await targetColumns(object, session) : { all: [], zoned: new Set<string>() };
  const rest = reader.rest();
  const text =
    verb === 'INSERT' && columns.zoned.size > 0
      ? `${rewrite(prefix, scope)} ${insertText(rest, columns, (query) => queryText(query, scope))}`
      : rewrite([...prefix, ...convertAssignments(rest, columns)], scope);
  if (isOverwrite) await connection.run(`DELETE FROM ${target}`);
  const result = await connection.run(verb === 'MERGE' ? `${text} RETURNING merge_action` : text);
  if (isOverwrite) noteChange(session, `DELETE FROM ${target}`);
  noteChange(session, text);
  return countsResult(verb, result);
}

function countsResult(verb: string, result: EngineResult): StatementResult {
  const changed = result.rows.length === 1 && verb !== 'MERGE' ? Number(result.rows[0]?.[0]) : result.rowsChanged;
  const counted = (action: string) => result.rows.filter(([value]) => value === action).length;
  const counts: Record<string, readonly (readonly [string, number])[]> = {
    INSERT: [['number of rows inserted', changed]],
    UPDATE: [
      ['number of rows updated', changed],
      ['number of multi-joined rows updated', 0],
    ],
    DELETE: [['number of rows deleted', changed]],
    MERGE: [
      ['number of rows inserted', counted('INSERT')],
      ['number of rows updated', counted('UPDATE')],
      ['number of rows deleted', counted('DELETE')],
    ],
  };
  const shown = counts[verb] ?? [];
  return {
    kind: verb as StatementKind,
    columns: shown.map(([name]) => numberColumn(name)),
    rows: [shown.map(([, count]) => String(count))],
  };
}

const EXPLAIN_COLUMNS = [
  'step',
  'id',
  'parent',
  'operation',
  'objects',
  'alias',
  'expressions',
  'partitionsTotal',
  'partitionsAssigned',
  'bytesAssigned',
];
const EXPLAIN_NUMBERS = new Set(['step', 'id', 'parent', 'partitionsTotal', 'partitionsAssigned', 'bytesAssigned']);

interface PlanNode {
  readonly name: string;
  readonly children: readonly PlanNode[];
  readonly extra_info: Readonly<Record<string, unknown>>;
}

/** EXPLAIN [USING TABULAR | TEXT | JSON]: DuckDB's plan in Snowflake's columns. */
export async function explain(
  items: readonly SqlNode[],
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<StatementResult> {
  const reader = new Reader(items, 1);
  let format = 'TABULAR';
  if (reader.takeAny('USING')) format = reader.name();
  const query = reader.rest();
  if (!isWord(query[0], 'SELECT', 'WITH')) reader.fail();
  const result = await session.connection.run(`EXPLAIN (FORMAT JSON) ${rewrite(query, scope)}`);
  const json = String(result.rows[0]?.[1] ?? '[]');
  if (format === 'JSON') return { kind: 'EXPLAIN', columns: [textColumn('content')], rows: [[json]] };
  const rows: (string | null)[][] = [];
  const walk = (node: PlanNode, parent: number | null) => {
    const id = rows.length;
    const { Table: table, ...rest } = node.extra_info;
    rows.push([
      '1',
      String(id),
      parent === null ? null : String(parent),
      node.name.trim(),
      table === undefined ? null : String(table),
      null,
      JSON.stringify(rest),
      null,
      null,
      null,
    ]);
    for (const child of node.children) walk(child, id);
  };
  for (const node of JSON.parse(json) as PlanNode[]) walk(node, null);
  if (format === 'TEXT') {
    const text = rows
      .map((row) => `${row[1]}:${row[2] === null ? '' : ` (parent ${row[2]})`} ${row[3]} ${row[4] ?? ''}`.trimEnd())
      .join('\n');
    return { kind: 'EXPLAIN', columns: [textColumn('content')], rows: [[text]] };
  }
  const columns = EXPLAIN_COLUMNS.map((name) => (EXPLAIN_NUMBERS.has(name) ? numberColumn(name) : textColumn(name)));
  return { kind: 'EXPLAIN', columns, rows };
}

/**
 * Values on their way into TIMESTAMP_TZ columns. DuckDB would not make the pair of macros-zoned.ts out of a text or
 * another timestamp by itself, so INSERT, UPDATE and MERGE say so.
 */
import { isZonedDeclaration, readColumns } from '../catalog/read.ts';
import type { EmbeddedSession } from '../statement.ts';
import type { ObjectName } from './names.ts';
import {
  type Group,
  isGroup,
  isOp,
  isWord,
  nameOf,
  quoteName,
  type SqlNode,
  splitCommas,
  sqlNode,
  wordOf,
} from './nodes.ts';

/** The target's columns in order, and which of them are TIMESTAMP_TZ. */
export interface TargetColumns {
  readonly all: readonly string[];
  readonly zoned: ReadonlySet<string>;
}

export async function targetColumns(object: ObjectName, session: EmbeddedSession): Promise<TargetColumns> {
  const columns = await readColumns(session.connection, object);
  const zoned = columns.filter(({ declared }) => isZonedDeclaration(declared)).map(({ name }) => name);
  return { all: columns.map(({ name }) => name), zoned: new Set(zoned) };
}

/** `INSERT INTO target [(a, b)] query` with the query's columns made ready; `rest` is what stands behind the target. */
export function insertText(
  rest: readonly SqlNode[],
  target: TargetColumns,
  textOf: (query: readonly SqlNode[]) => string,
): string {
  const [first] = rest;
  const hasList = isGroup(first) && !isWord(first.items[0], 'SELECT', 'WITH');
  const names = hasList ? namesOf(first) : target.all;
  const columns = names.map((name, at) => (target.zoned.has(name) ? `SF_TO_TZ("SF$${at}")` : `"SF$${at}"`));
  const list = names.map(quoteName).join(', ');
  const inner = names.map((_name, at) => `"SF$${at}"`).join(', ');
  return `(${list}) SELECT ${columns.join(', ')} FROM (${textOf(hasList ? rest.slice(1) : rest)}) AS sf_rows(${inner})`;
}

function namesOf(group: Group): string[] {
  return splitCommas(group.items).map((part) => nameOf(part.at(-1)) ?? '');
}

/** The assignments of UPDATE and MERGE, and MERGE's rows of values, made ready. */
export function convertAssignments(items: readonly SqlNode[], target: TargetColumns): SqlNode[] {
  if (target.zoned.size === 0) return [...items];
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    if (item === undefined) break;
    if (isWord(item, 'SET')) {
      const end = endOfAssignments(items, at + 1);
      out.push(item, ...assignments(items.slice(at + 1, end), target));
      at = end;
    } else if (isWord(item, 'INSERT')) {
      const list = items[at + 1];
      const names = isGroup(list) ? namesOf(list) : target.all;
      const values = items.slice(at + 1).findIndex((node) => isWord(node, 'VALUES')) + at + 1;
      const row = items[values + 1];
      out.push(...items.slice(at, values + 1));
      if (isGroup(row)) out.push({ ...row, items: valuesRow(row, names, target) });
      at = values + 2;
    } else {
      out.push(item);
      at++;
    }
  }
  return out;
}

function endOfAssignments(items: readonly SqlNode[], from: number): number {
  let depth = 0;
  for (let at = from; at < items.length; at++) {
    const word = wordOf(items[at]);
    if (word === 'CASE') depth++;
    else if (word === 'END') depth--;
    else if (depth === 0 && (word === 'WHERE' || word === 'FROM' || word === 'WHEN')) return at;
  }
  return items.length;
}

function assignments(items: readonly SqlNode[], target: TargetColumns): SqlNode[] {
  const parts = splitCommas(items).map((part) => {
    const equals = part.findIndex((node) => isOp(node, '='));
    const name = nameOf(part[equals - 1]);
    if (name === undefined || !target.zoned.has(name)) return part;
    return [...part.slice(0, equals + 1), ...asZoned(part.slice(equals + 1))];
  });
  return joinCommas(parts);
}

function valuesRow(row: Group, names: readonly string[], target: TargetColumns): SqlNode[] {
  const parts = splitCommas(row.items).map((part, at) => (target.zoned.has(names[at] ?? '') ? asZoned(part) : part));
  return joinCommas(parts);
}

function asZoned(value: readonly SqlNode[]): SqlNode[] {
  if (isWord(value[0], 'DEFAULT')) return [...value];
  return [sqlNode('SF_TO_TZ'), { kind: 'group', open: '(', items: [...value], start: 0, end: 0 }];
}

function joinCommas(parts: readonly (readonly SqlNode[])[]): SqlNode[] {
  return parts.flatMap((part, at) => (at === 0 ? [...part] : [sqlNode(','), ...part]));
}

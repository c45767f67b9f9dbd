/**
 * SHOW [TERSE] objects [HISTORY] [LIKE 'p'] [IN ..] [STARTS WITH 's'] [LIMIT n [FROM 's']].
 *
 * This file reads the command and filters; show-columns.ts knows what each kind answers.
 */
import { SnowflakeError } from '../errors.ts';
import { expectDotted, missing } from '../sql/names.ts';
import { isWord, render, type SqlNode, stringOf, unexpected, wordOf } from '../sql/nodes.ts';
import { momentColumn, textColumn } from '../sql/table-result.ts';
import type { EmbeddedSession, ResultColumn, StatementResult } from '../statement.ts';
import { databaseExists, type Scope, schemaExists } from './read.ts';
import { isShown, SHOWS, type Shown, TERSE_COLUMNS } from './show-columns.ts';

interface ShowOptions {
  readonly isTerse: boolean;
  /** With dropped objects, of which the engine keeps none. */
  readonly hasHistory: boolean;
  readonly like: RegExp | undefined;
  readonly startsWith: string | undefined;
  readonly limit: number | undefined;
  readonly from: string | undefined;
  readonly scope: Scope;
}

/** @throws SnowflakeError 0A000 for a kind the engine does not have, 002003 for an unknown scope */
export async function show(items: readonly SqlNode[], session: EmbeddedSession): Promise<StatementResult> {
  let at = 1;
  const isTerse = isWord(items[at], 'TERSE');
  if (isTerse) at++;
  const kind = wordOf(items[at]) ?? '';
  if (!isShown(kind)) {
    throw new SnowflakeError('000002', '0A000', `Unsupported feature: SHOW ${kind} is not in the embedded engine.`);
  }
  const options = await readOptions(items, at + 1, kind, isTerse, session);
  const shown: Shown = SHOWS[kind];
  const found = await shown.read(session, options.scope);
  let rows = found.filter(
    ({ name }) => (options.like?.test(name) ?? true) && name.startsWith(options.startsWith ?? ''),
  );
  const { from } = options;
  if (from !== undefined) rows = rows.filter(({ name }) => name > from);
  if (options.limit !== undefined) rows = rows.slice(0, options.limit);
  const columns = told(shown, options);
  return {
    kind: 'SHOW',
    columns: columns.map(({ column }) => column),
    rows: rows.map(({ cells }) => columns.map(({ place, always }) => cells[place] ?? always ?? null)),
  };
}

/** The columns of the answer, each with its place among the cells, or with what stands there always. */
function told(shown: Shown, options: ShowOptions): { column: ResultColumn; place: number; always?: string }[] {
  const { columns, terse } = shown;
  if (options.isTerse && terse !== undefined) {
    return TERSE_COLUMNS.map((name) => {
      const place = terse.includes(name) ? columns.findIndex((column) => column.name === name) : -1;
      const isKind = name === 'kind' && shown.kind !== undefined;
      return { column: columns[place] ?? textColumn(name), place, ...(isKind ? { always: shown.kind } : {}) };
    });
  }
  return columns.flatMap((column, place) => {
    const dropped = { column: momentColumn('dropped_on'), place: -1 };
    return options.hasHistory && column.name === 'retention_time' ? [{ column, place }, dropped] : [{ column, place }];
  });
}

const WITH_HISTORY = ['DATABASES', 'SCHEMAS', 'TABLES'];

async function readOptions(
  items: readonly SqlNode[],
  start: number,
  kind: string,
  isTerse: boolean,
  session: EmbeddedSession,
): Promise<ShowOptions> {
  let like: RegExp | undefined;
  let startsWith: string | undefined;
  let limit: number | undefined;
  let from: string | undefined;
  let scope: Scope | undefined;
  const hasHistory = isWord(items[start], 'HISTORY');
  if (hasHistory && !WITH_HISTORY.includes(kind)) throw unexpected('HISTORY');
  for (let at = hasHistory ? start + 1 : start; at < items.length; ) {
    const text = stringOf(items[at + 1]);
    if (isWord(items[at], 'LIKE') && text !== undefined) {
      like = likePattern(text);
      at += 2;
    } else if (isWord(items[at], 'STARTS') && isWord(items[at + 1], 'WITH')) {
      startsWith = stringOf(items[at + 2]) ?? '';
      at += 3;
    } else if (isWord(items[at], 'LIMIT')) {
      limit = Number(render(items.slice(at + 1, at + 2)));
      if (!Number.isSafeInteger(limit)) throw unexpected('LIMIT');
      at += 2;
    } else if (isWord(items[at], 'FROM') && text !== undefined) {
      from = text;
      at += 2;
    } else if (isWord(items[at], 'IN', 'FROM', 'FOR')) {
      const read = await readScope(items, at + 1, kind, session);
      scope = read.scope;
      at = read.next;
    } else throw unexpected(render(items.slice(at, at + 1)));
  }
  return { isTerse, hasHistory, like, startsWith, limit, from, scope: scope ?? defaultScope(kind, session) };
}

/** Without IN, the current schema; of schemas, the current database; everything when there is none. */
function defaultScope(kind: string, session: EmbeddedSession): Scope {
  if (kind === 'DATABASES') return {};
  return kind === 'SCHEMAS' ? { database: session.database } : { database: session.database, schema: session.schema };
}

async function readScope(
  items: readonly SqlNode[],
  start: number,
  kind: string,
  session: EmbeddedSession,
): Promise<{ scope: Scope; next: number }> {
  const what = wordOf(items[start]);
  if (what === 'ACCOUNT' || what === 'SESSION') return { scope: {}, next: start + 1 };
  const isTyped = what === 'DATABASE' || what === 'SCHEMA' || what === 'TABLE' || what === 'VIEW';
  const isBare = isTyped && (items[start + 1] === undefined || isWord(items[start + 1], 'LIKE', 'STARTS', 'LIMIT'));
  if (isBare) {
    const scope = { database: session.database, schema: what === 'DATABASE' ? undefined : session.schema };
    return { scope, next: start + 1 };
  }
  const { parts, next } = expectDotted(items, isTyped ? start + 1 : start);
  const isTable = what === 'TABLE' || what === 'VIEW' || (kind === 'COLUMNS' && !isTyped);
  const isDatabase = what === 'DATABASE' || (!isTyped && !isTable && parts.length === 1 && kind === 'SCHEMAS');
  const scope = isTable
    ? tableScope(parts, session)
    : isDatabase
      ? { database: parts[0] }
      : await schemaScope(parts, isTyped, session);
  await assertScope(scope, session);
  return { scope, next };
}

function tableScope(parts: readonly string[], session: EmbeddedSession): Scope {
  return { database: parts.at(-3) ?? session.database, schema: parts.at(-2) ?? session.schema, name: parts.at(-1) };
}

/** `IN name` alone may be a schema of the current database or a database. */
async function schemaScope(parts: readonly string[], isTyped: boolean, session: EmbeddedSession): Promise<Scope> {
  const schema = parts.at(-1) ?? '';
  const database = parts.at(-2) ?? session.database;
  const isSchema = database !== undefined && (await schemaExists(session.connection, database, schema));
  return isTyped || parts.length > 1 || isSchema ? { database, schema } : { database: schema };
}

async function assertScope(scope: Scope, session: EmbeddedSession): Promise<void> {
  const { database, schema } = scope;
  if (database === undefined || !(await databaseExists(session.connection, database)))
    throw missing('Database', database ?? '');
  if (
    schema !== undefined &&
    schema !== 'INFORMATION_SCHEMA' &&
    !(await schemaExists(session.connection, database, schema))
  ) {
    throw missing('Schema', `${database}.${schema}`);
  }
}

/** LIKE of SHOW ignores case. */
function likePattern(pattern: string): RegExp {
  const body = pattern.replace(/\\?[\s\S]/g, (part) => {
    if (part === '%') return '[\\s\\S]*';
    if (part === '_') return '[\\s\\S]';
    const char = part.length === 2 ? part.slice(1) : part;
    return char.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${body}$`, 'i');
}

/**
 * CREATE, DROP, ALTER, TRUNCATE and UNDROP of the kinds the engine has: databases, schemas, tables and views.
 *
 * As in Snowflake a DDL statement commits an open transaction, and creating a database or schema makes it current.
 */
import { writeColumnMeta, writeObjectMeta } from '../catalog/declared.ts';
import { databaseExists, ENTRIES_TABLE, readObjects, schemaExists } from '../catalog/read.ts';
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession, StatementResult } from '../statement.ts';
import { alterTable } from './alter-table.ts';
import {
  assertVisible,
  assertWritable,
  completeObject,
  completeSchema,
  missing,
  namedObject,
  quoteObject,
} from './names.ts';
import { isGroup, nameOf, quoteName, quoteText, type SqlNode, splitCommas, wordOf } from './nodes.ts';
import { Reader } from './reader.ts';
import { type RewriteScope, rewrite } from './rewrite.ts';
import { selectHints } from './select-names.ts';
import { createTable, readOptions, type TableCreation } from './table-ddl.ts';
import { statusResult } from './table-result.ts';
import { forgetTemporary, placeTemporary, rememberTemporary } from './temporary.ts';

export function notEmbedded(what: string): SnowflakeError {
  return new SnowflakeError('000002', '0A000', `Unsupported feature: ${what} is not in the embedded engine.`);
}

function alreadyExists(name: string): SnowflakeError {
  return new SnowflakeError('002002', '42710', `SQL compilation error:\nObject '${name}' already exists.`);
}

export async function runDdl(
  items: readonly SqlNode[],
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<StatementResult> {
  const reader = new Reader(items, 1);
  switch (wordOf(items[0])) {
    case 'CREATE':
      return statusResult('DDL', await create(reader, session, scope));
    case 'DROP':
      return statusResult('DDL', await drop(reader, session));
    case 'TRUNCATE':
      return statusResult('DDL', await truncate(reader, session));
    default:
      return statusResult('DDL', await alter(reader, session, scope));
  }
}

async function create(reader: Reader, session: EmbeddedSession, scope: RewriteScope): Promise<string> {
  const orReplace = reader.take('OR', 'REPLACE');
  let kind: TableCreation['kind'] = 'TABLE';
  let isSecure = false;
  for (;;) {
    if (reader.takeAny('TRANSIENT')) kind = 'TRANSIENT';
    else if (reader.takeAny('TEMPORARY', 'TEMP', 'VOLATILE')) kind = 'TEMPORARY';
    else if (reader.takeAny('SECURE')) isSecure = true;
    else if (!reader.takeAny('LOCAL', 'GLOBAL', 'RECURSIVE')) break;
  }
  const what = wordOf(reader.peek()) ?? '';
  if (!['TABLE', 'VIEW', 'SCHEMA', 'DATABASE'].includes(what)) throw notEmbedded(`CREATE ${what}`);
  reader.at++;
  const ifNotExists = reader.take('IF', 'NOT', 'EXISTS');
  if (what === 'DATABASE') return createDatabase(reader, orReplace, ifNotExists, session);
  if (what === 'SCHEMA') return createSchema(reader, orReplace, ifNotExists, session);
  const parts = reader.dotted();
  const named = namedObject(parts, session);
  assertWritable(named.database, what.toLowerCase());
  if (!(await schemaExists(session.connection, named.database, named.schema))) {
    throw missing('Schema', `${named.database}.${named.schema}`);
  }
  const isTemporary = kind === 'TEMPORARY' && what === 'TABLE';
  const object = isTemporary ? await placeTemporary(parts, session) : named;
  const existing = (await readObjects(session.connection, object)).find(
    ({ meta }) => (meta.kind === 'TEMPORARY') === isTemporary,
  );
  if (existing !== undefined && !orReplace) {
    if (ifNotExists) return `${object.name} already exists, statement succeeded.`;
    throw alreadyExists(`${named.database}.${named.schema}.${named.name}`);
  }
  if (existing !== undefined && existing.isView !== (what === 'VIEW')) {
    await session.connection.run(`DROP ${existing.isView ? 'VIEW' : 'TABLE'} ${quoteObject(object)}`);
  }
  if (what === 'TABLE') {
    await createTable(reader, { object, orReplace, kind }, session, scope);
    if (isTemporary) rememberTemporary(parts, object, session);
  } else await createView(reader, quoteObject(object), isSecure ? 'SECURE VIEW' : 'VIEW', session, scope);
  return `${what === 'TABLE' ? 'Table' : 'View'} ${object.name} successfully created.`;
}

async function createView(
  reader: Reader,
  target: string,
  kind: string,
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<void> {
  const group = reader.peek();
  const columns = isGroup(group) ? splitCommas(group.items) : [];
  if (isGroup(group)) reader.at++;
  const comment = readOptions(reader);
  reader.expect('AS');
  const query = reader.rest();
  const names = columns.map((part) => quoteName(nameOf(part[0]) ?? ''));
  const list = names.length === 0 ? '' : ` (${names.join(', ')})`;
  await session.connection.run(`CREATE OR REPLACE VIEW ${target}${list} AS ${rewrite(query, scope)}`);
  await writeObjectMeta(session.connection, 'VIEW', target, {
    comment,
    kind,
    createdMs: Date.now(),
    ddl: scope.source.trim().replace(/;\s*$/, ''),
  });
  const { columns: made } = await session.connection.run(`SELECT * FROM ${target} LIMIT 0`);
  for (const [at, { hint }] of selectHints(query).entries()) {
    const name = made[at]?.name;
    if (hint === undefined || name === undefined) continue;
    await writeColumnMeta(session.connection, target, name, {
      type: hint.startsWith('TIMESTAMP') ? `${hint}(9)` : hint,
      comment: '',
    });
  }
}

async function createDatabase(
  reader: Reader,
  orReplace: boolean,
  ifNotExists: boolean,
  session: EmbeddedSession,
): Promise<string> {
  const name = reader.name();
  assertVisible([name, '']);
  const comment = readOptions(reader);
  assertWritable(name, 'database');
  if (await databaseExists(session.connection, name)) {
    if (ifNotExists) return `${name} already exists, statement succeeded.`;
    if (!orReplace) throw alreadyExists(name);
    await dropDatabase(name, session);
  }
  await session.connection.run(`ATTACH ':memory:' AS ${quoteName(name)}`);
  await addEntry(session, name, '', comment);
  await addEntry(session, name, 'INFORMATION_SCHEMA', 'Views describing the contents of schemas in this database');
  await session.connection.run(`CREATE SCHEMA ${quoteName(name)}."PUBLIC"`);
  await addEntry(session, name, 'PUBLIC', '');
  session.database = name;
  session.schema = 'PUBLIC';
  return `Database ${name} successfully created.`;
}

async function createSchema(
  reader: Reader,
  orReplace: boolean,
  ifNotExists: boolean,
  session: EmbeddedSession,
): Promise<string> {
  const { database, name } = completeSchema(reader.dotted(), session);
  if (reader.take('WITH', 'MANAGED', 'ACCESS')) reader.at += 0;
  const comment = readOptions(reader);
  assertWritable(database, 'schema');
  if (!(await databaseExists(session.connection, database))) throw missing('Database', database);
  const exists = await schemaExists(session.connection, database, name);
  if (exists && ifNotExists) return `${name} already exists, statement succeeded.`;
  if (exists && !orReplace) throw alreadyExists(`${database}.${name}`);
  if (exists) await dropSchema(database, name, session);
  await session.connection.run(`CREATE SCHEMA ${quoteName(database)}.${quoteName(name)}`);
  await addEntry(session, database, name, comment);
  session.database = database;
  session.schema = name;
  return `Schema ${name} successfully created.`;
}

async function addEntry(session: EmbeddedSession, database: string, schema: string, comment: string): Promise<void> {
  const values = [database, schema, comment].map(quoteText);
  await session.connection.run(
    `INSERT INTO ${ENTRIES_TABLE} VALUES (${values[0]}, ${values[1]}, ${Date.now()}, ${values[2]})`,
  );
}

async function drop(reader: Reader, session: EmbeddedSession): Promise<string> {
  const what = wordOf(reader.peek()) ?? '';
  if (!['TABLE', 'VIEW', 'SCHEMA', 'DATABASE'].includes(what)) throw notEmbedded(`DROP ${what}`);
  reader.at++;
  const ifExists = reader.take('IF', 'EXISTS');
  const parts = reader.dotted();
  reader.takeAny('CASCADE', 'RESTRICT');
  reader.end();
  const name = parts.at(-1) ?? '';
  const isGone = ifExists ? `Drop statement executed successfully (${name} already dropped).` : undefined;
  if (what === 'DATABASE') {
    assertWritable(name, 'database');
    if (!(await databaseExists(session.connection, name))) return isGone ?? fail(missing('Database', name));
    await dropDatabase(name, session);
  } else if (what === 'SCHEMA') {
    const { database } = completeSchema(parts, session);
    assertWritable(database, 'schema');
    if (name === 'INFORMATION_SCHEMA' || !(await schemaExists(session.connection, database, name))) {
      return isGone ?? fail(missing('Schema', parts.join('.')));
    }
    await dropSchema(database, name, session);
  } else {
    const object = completeObject(parts, session);
    assertWritable(object.database, what.toLowerCase());
    const [found] = await readObjects(session.connection, object);
    if (found === undefined || found.isView !== (what === 'VIEW')) {
      return isGone ?? fail(missing(what === 'VIEW' ? 'View' : 'Table', parts.join('.')));
    }
    await session.connection.run(`DROP ${what} ${quoteObject(found.stored)}`);
    forgetTemporary(found.stored, session);
  }
  return `${name} successfully dropped.`;
}

function fail(error: SnowflakeError): never {
  throw error;
}

async function dropDatabase(name: string, session: EmbeddedSession): Promise<void> {
  if (session.database === name) {
    session.database = undefined;
    session.schema = undefined;
  }
  // A database in the search path of its own connection cannot be detached.
  await session.connection.run(`SET search_path = 'memory.main'`);
  await session.connection.run(`DETACH ${quoteName(name)}`);
  await session.connection.run(`DELETE FROM ${ENTRIES_TABLE} WHERE "database" = ${quoteText(name)}`);
}

async function dropSchema(database: string, name: string, session: EmbeddedSession): Promise<void> {
  await session.connection.run(`DROP SCHEMA ${quoteName(database)}.${quoteName(name)} CASCADE`);
  await session.connection.run(
    `DELETE FROM ${ENTRIES_TABLE} WHERE "database" = ${quoteText(database)} AND "schema" = ${quoteText(name)}`,
  );
  if (session.database === database && session.schema === name) session.schema = undefined;
}

async function truncate(reader: Reader, session: EmbeddedSession): Promise<string> {
  reader.takeAny('TABLE');
  const ifExists = reader.take('IF', 'EXISTS');
  const object = completeObject(reader.dotted(), session);
  reader.end();
  assertWritable(object.database, 'table');
  const [found] = await readObjects(session.connection, object);
  if (found === undefined && !ifExists) throw missing('Table', object.name);
  if (found !== undefined) await session.connection.run(`TRUNCATE ${quoteObject(object)}`);
  return 'Statement executed successfully.';
}

async function alter(reader: Reader, session: EmbeddedSession, scope: RewriteScope): Promise<string> {
  const what = wordOf(reader.peek()) ?? '';
  if (!['TABLE', 'VIEW', 'SCHEMA', 'DATABASE'].includes(what)) throw notEmbedded(`ALTER ${what}`);
  reader.at++;
  const ifExists = reader.take('IF', 'EXISTS');
  const parts = reader.dotted();
  if (what === 'TABLE' || what === 'VIEW') {
    const object = completeObject(parts, session);
    assertWritable(object.database, what.toLowerCase());
    const [found] = await readObjects(session.connection, object);
    if (found === undefined || found.isView !== (what === 'VIEW')) {
      if (ifExists) return 'Statement executed successfully.';
      throw missing(what === 'VIEW' ? 'View' : 'Table', parts.join('.'));
    }
    await alterTable(reader, found, session, scope);
    return 'Statement executed successfully.';
  }
  const place = what === 'SCHEMA' ? completeSchema(parts, session) : { database: parts[0] ?? '', name: '' };
  assertWritable(place.database, what.toLowerCase());
  if (!reader.take('SET', 'COMMENT')) throw notEmbedded(`ALTER ${what} of this form`);
  reader.takeOp('=');
  await session.connection.run(
    `UPDATE ${ENTRIES_TABLE} SET "comment" = ${quoteText(reader.string())} WHERE "database" = ${quoteText(place.database)} AND "schema" = ${quoteText(place.name)}`,
  );
  return 'Statement executed successfully.';
}

/**
 * ALTER TABLE and ALTER VIEW: columns, names and comments.
 */
import { writeColumnMeta, writeObjectMeta } from '../catalog/declared.ts';
import { type CatalogObject, readColumns } from '../catalog/read.ts';
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession } from '../statement.ts';
import { namedObject, quoteObject } from './names.ts';
import { isWord, quoteName, type SqlNode, splitCommas } from './nodes.ts';
import type { Reader } from './reader.ts';
import type { RewriteScope } from './rewrite.ts';
import { readColumn } from './table-ddl.ts';
import { forgetTemporary, rememberTemporary } from './temporary.ts';
import { readType } from './types.ts';

/** Carries out what stands behind the object's name. @throws SnowflakeError 0A000 for other forms */
export async function alterTable(
  reader: Reader,
  found: CatalogObject,
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<void> {
  const { connection } = session;
  const alter = `ALTER ${found.isView ? 'VIEW' : 'TABLE'} ${quoteObject(found.stored)}`;
  if (reader.take('RENAME', 'TO')) {
    const parts = reader.dotted();
    const target = namedObject(parts, session);
    if (target.database !== found.database || target.schema !== found.schema)
      throw unsupported('moving a table to another schema');
    await connection.run(`${alter} RENAME TO ${quoteName(target.name)}`);
    if (found.meta.kind === 'TEMPORARY') {
      forgetTemporary(found.stored, session);
      rememberTemporary(parts, { ...found.stored, name: target.name }, session);
    }
  } else if (reader.take('SET', 'COMMENT')) {
    reader.takeOp('=');
    await writeObjectMeta(connection, found.isView ? 'VIEW' : 'TABLE', found.stored, {
      ...found.meta,
      comment: reader.string(),
    });
  } else if (reader.take('UNSET', 'COMMENT')) {
    await writeObjectMeta(connection, found.isView ? 'VIEW' : 'TABLE', found.stored, { ...found.meta, comment: '' });
  } else if (reader.takeAny('ADD')) {
    reader.takeAny('COLUMN');
    const ifNotExists = reader.take('IF', 'NOT', 'EXISTS');
    for (const part of splitCommas(reader.rest())) await addColumn(part, alter, ifNotExists, found, session, scope);
  } else if (reader.take('DROP', 'COLUMN') || reader.takeAny('DROP')) {
    const ifExists = reader.take('IF', 'EXISTS');
    for (const part of splitCommas(reader.rest())) {
      const name = part[0]?.kind === 'leaf' ? part[0].token.value : '';
      await connection.run(`${alter} DROP COLUMN ${ifExists ? 'IF EXISTS ' : ''}${quoteName(name)}`);
    }
  } else if (reader.take('RENAME', 'COLUMN')) {
    const from = reader.name();
    reader.expect('TO');
    await connection.run(`${alter} RENAME COLUMN ${quoteName(from)} TO ${quoteName(reader.name())}`);
  } else if (reader.takeAny('ALTER', 'MODIFY')) {
    reader.takeAny('COLUMN');
    await alterColumn(reader, alter, found, session);
  } else throw unsupported('this form of ALTER TABLE');
}

function unsupported(what: string): SnowflakeError {
  return new SnowflakeError('000002', '0A000', `Unsupported feature: ${what} is not in the embedded engine.`);
}

async function addColumn(
  part: readonly SqlNode[],
  alter: string,
  ifNotExists: boolean,
  found: CatalogObject,
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<void> {
  const column = readColumn(part, scope);
  const isNotNull = column.sql.includes(' NOT NULL');
  await session.connection.run(
    `${alter} ADD COLUMN ${ifNotExists ? 'IF NOT EXISTS ' : ''}${column.sql.replace(' NOT NULL', '')}`,
  );
  if (isNotNull) await session.connection.run(`${alter} ALTER COLUMN ${quoteName(column.name)} SET NOT NULL`);
  await writeColumnMeta(session.connection, found.stored, column.name, column.meta);
}

async function alterColumn(
  reader: Reader,
  alter: string,
  found: CatalogObject,
  session: EmbeddedSession,
): Promise<void> {
  const name = reader.name();
  const column = `${alter} ALTER COLUMN ${quoteName(name)}`;
  if (reader.take('SET', 'NOT', 'NULL')) await session.connection.run(`${column} SET NOT NULL`);
  else if (reader.take('DROP', 'NOT', 'NULL')) await session.connection.run(`${column} DROP NOT NULL`);
  else if (reader.take('DROP', 'DEFAULT')) await session.connection.run(`${column} DROP DEFAULT`);
  else if (reader.takeAny('COMMENT')) {
    reader.takeOp('=');
    const known = (await readColumns(session.connection, found.stored)).find((each) => each.name === name);
    await writeColumnMeta(session.connection, found.stored, name, {
      ...known?.meta,
      type: known?.declared ?? '',
      comment: reader.string(),
    });
  } else {
    reader.take('SET', 'DATA');
    if (isWord(reader.peek(), 'TYPE')) reader.at++;
    const { type } = readType(reader.items, reader.at);
    await session.connection.run(`${column} SET DATA TYPE ${type.duckdb}`);
    await writeColumnMeta(session.connection, found.stored, name, { type: type.declared, comment: '' });
  }
}

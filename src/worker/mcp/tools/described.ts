/** The columns of a table or view as Snowflake's DESCRIBE tells them: what the describe tools and resources share. */
import { z } from 'zod';
import type { QueryResult } from '../../query/service.ts';
import type { ToolContext } from '../tool.ts';
import { withName } from './names.ts';
import { cellReader, nullableText } from './table-result.ts';

export const columnFields = {
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  default: nullableText,
  comment: nullableText,
};

/** Cells of a DESCRIBE as these fields; `primary_key` means nothing for a view. */
export function columnsIn(result: QueryResult) {
  const read = cellReader(result);
  return result.rows.map((row) => ({
    name: read(row, 'name') ?? '',
    type: read(row, 'type') ?? '',
    nullable: read(row, 'null?') !== 'N',
    default: read(row, 'default'),
    primary_key: read(row, 'primary key') === 'Y',
    comment: read(row, 'comment'),
  }));
}

/** @throws AppError as `withName` */
export function describe(
  what: { readonly kind: 'TABLE' | 'VIEW'; readonly names: readonly string[]; readonly maxRows: number },
  { query, signal, caller }: Pick<ToolContext, 'query' | 'signal' | 'caller'>,
) {
  const { kind, names, maxRows } = what;
  return withName(names, async (quoted, [database = '', schema = '', object = '']) => {
    const result = await query.catalog({ sql: `DESCRIBE ${kind} ${quoted}`, maxRows, caller }, signal);
    return { result, columns: columnsIn(result), quoted, database, schema, object };
  });
}

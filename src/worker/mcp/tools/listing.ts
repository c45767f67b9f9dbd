/** What the list tools share: their paging arguments and fields, and the page of a SHOW statement's rows. */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import type { QueryResult } from '../../query/service.ts';
import { pageOf } from '../paging.ts';
import { type Format, renderTable } from '../render.ts';
import { cutFields, hintSchema, truncatedSchema } from './table-result.ts';

const PAGE_SIZE = 200;
const PAGE_SIZE_MAX = 1000;

export const pageArguments = {
  cursor: z.string().min(1).max(4000).optional().describe('next_cursor of the page before; without it the first page.'),
  page_size: z.int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE).describe('Most items in this page.'),
};

export const pageFields = {
  row_count: z.number().describe('Items in this page.'),
  next_cursor: z.string().optional().describe('Present when there are more: pass it as cursor.'),
  truncated: truncatedSchema,
  hint: hintSchema,
};

interface Listing<Item, Names extends string> {
  readonly list: string;
  readonly items: readonly Item[];
  /** Sort key, unique within the list. */
  keyOf(item: Item): readonly string[];
  readonly columns: readonly Names[];
  readonly args: { readonly cursor?: string | undefined; readonly page_size: number; readonly format: Format };
  readonly result: Pick<QueryResult, 'truncated' | 'rows'>;
  /** How to see what Snowflake itself has cut off. */
  readonly advice: string;
}

type CellOf = string | number | boolean | null;

/**
 * The fields that every list answers with, and its text; `shape` puts the page of items under its own name.
 * @throws AppError ARGUMENT_INVALID for a cursor of another list
 */
export function listAnswer<
  Names extends string,
  Item extends Readonly<Record<Names, CellOf>>,
  Structured extends object,
>(listing: Listing<Item, Names>, shape: (items: Item[]) => Structured) {
  const { list, items, keyOf, columns, args, result, advice } = listing;
  const page = pageOf(items, keyOf, { list, cursor: args.cursor, size: args.page_size });
  if (page === undefined) throw new AppError('ARGUMENT_INVALID', { faults: [`cursor: is none of ${list}`] });
  const { items: shown, nextCursor } = page;
  const cut = cutFields(result, advice);
  const structured = {
    ...shape([...shown]),
    row_count: shown.length,
    ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    ...cut,
  };
  const rows = shown.map((item) => columns.map((name) => item[name]));
  const more = nextCursor === undefined ? undefined : `There are more: call ${list} again with cursor "${nextCursor}".`;
  const note = [more, cut.hint].filter((line) => line !== undefined).join('\n');
  return {
    structured,
    text: renderTable({ columns, rows }, args.format, structured),
    note: note === '' ? undefined : note,
  };
}

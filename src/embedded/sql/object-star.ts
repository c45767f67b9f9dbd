/**
 * OBJECT_CONSTRUCT(*) and OBJECT_CONSTRUCT_KEEP_NULL(*): an object of all columns of the query's FROM. DuckDB is asked for
 * their names before the statement is rewritten.
 */
import type { EmbeddedSession } from '../statement.ts';
import { AFTER_FROM } from './alias.ts';
import { isGroup, isOp, isWord, quoteText, type SqlNode, sqlNode } from './nodes.ts';
import { type RewriteScope, rewrite } from './rewrite.ts';

export async function expandObjectStars(
  items: readonly SqlNode[],
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<SqlNode[]> {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined) break;
    if (item.kind !== 'group') {
      out.push(item);
      continue;
    }
    const isStar = isWord(items[at - 1], 'OBJECT_CONSTRUCT', 'OBJECT_CONSTRUCT_KEEP_NULL') && isOp(item.items[0], '*');
    if (!isStar || item.items.length > 1) {
      out.push({ ...item, items: await expandObjectStars(item.items, session, scope) });
      continue;
    }
    const names = await columnsOf(items, at, session, scope);
    const pairs = names.flatMap((name, index) => [
      ...(index === 0 ? [] : [comma(item)]),
      sqlNode(quoteText(name), item),
      comma(item),
      column(name, item),
    ]);
    out.push({ ...item, items: pairs });
  }
  return out;
}

async function columnsOf(
  items: readonly SqlNode[],
  at: number,
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<string[]> {
  const from = items.findIndex((node, index) => index > at && isWord(node, 'FROM'));
  if (from === -1) return [];
  const length = items.slice(from).findIndex((node) => isWord(node, ...AFTER_FROM));
  const source = items.slice(from, length === -1 ? items.length : from + length);
  const select = [word('SELECT', items[at]), mark('*', items[at]), ...source];
  const { columns } = await session.connection.run(`SELECT * FROM (${rewrite(select, scope)}) AS sf_star LIMIT 0`);
  return columns.map(({ name }) => name);
}

function leaf(kind: 'word' | 'op' | 'quoted', text: string, like: SqlNode | undefined): SqlNode {
  const start = isGroup(like) ? like.start : 0;
  return { kind: 'leaf', token: { kind, text, value: text, start, end: start, glued: false } };
}

const word = (text: string, like: SqlNode | undefined) => leaf('word', text, like);
const mark = (text: string, like: SqlNode | undefined) => leaf('op', text, like);
const comma = (like: SqlNode) => leaf('op', ',', like);
const column = (name: string, like: SqlNode) => leaf('quoted', name, like);

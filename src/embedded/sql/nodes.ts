/**
 * The shape the rewriter works on: tokens with their brackets folded into groups.
 *
 * A `sql` node is DuckDB SQL that is already finished; nothing looks into it again. Rendering joins with blanks,
 * quotes what only Snowflake reads as a name, and writes every literal afresh, so no text of the client reaches
 * DuckDB unread.
 */
import type { Token } from '../../shared/sql/token.ts';
import { SnowflakeError } from '../errors.ts';

interface Leaf {
  readonly kind: 'leaf';
  readonly token: Token;
}

export interface Group {
  readonly kind: 'group';
  readonly open: '(' | '[' | '{';
  readonly items: SqlNode[];
  readonly start: number;
  readonly end: number;
}

export interface Sql {
  readonly kind: 'sql';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Set when the text reads out of a VARIANT and so has DuckDB's JSON type. */
  readonly isPath?: boolean;
}

export type SqlNode = Leaf | Group | Sql;

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** @throws SnowflakeError 001003 when brackets do not pair. */
export function foldTokens(tokens: readonly Token[]): SqlNode[] {
  const stack: { open: string; start: number; items: SqlNode[] }[] = [{ open: '', start: 0, items: [] }];
  for (const token of tokens) {
    const top = stack.at(-1);
    if (top === undefined) break;
    if (token.kind === 'op' && token.text in CLOSING) stack.push({ open: token.text, start: token.start, items: [] });
    else if (token.kind === 'op' && /^[)\]}]$/.test(token.text)) {
      const outer = stack.at(-2);
      if (outer === undefined || CLOSING[top.open] !== token.text) throw unexpected(token.text);
      stack.pop();
      const open = top.open as Group['open'];
      outer.items.push({ kind: 'group', open, items: top.items, start: top.start, end: token.end });
    } else top.items.push({ kind: 'leaf', token });
  }
  if (stack.length > 1) throw unexpected('<EOF>');
  return stack[0]?.items ?? [];
}

export function unexpected(what: string): SnowflakeError {
  return new SnowflakeError('001003', '42000', `SQL compilation error:\nsyntax error unexpected '${what}'.`);
}

export function sqlNode(text: string, like?: SqlNode): Sql {
  return { kind: 'sql', text, start: like ? startOf(like) : 0, end: like ? endOf(like) : 0 };
}

export function startOf(node: SqlNode): number {
  return node.kind === 'leaf' ? node.token.start : node.start;
}

export function endOf(node: SqlNode): number {
  return node.kind === 'leaf' ? node.token.end : node.end;
}

/** The upper-case word of an unquoted word, else undefined. */
export function wordOf(node: SqlNode | undefined): string | undefined {
  return node?.kind === 'leaf' && node.token.kind === 'word' ? node.token.value : undefined;
}

export function isWord(node: SqlNode | undefined, ...words: readonly string[]): boolean {
  const word = wordOf(node);
  return word !== undefined && words.includes(word);
}

export function isOp(node: SqlNode | undefined, ...ops: readonly string[]): boolean {
  return node?.kind === 'leaf' && node.token.kind === 'op' && ops.includes(node.token.text);
}

export function isGroup(node: SqlNode | undefined, open: Group['open'] = '('): node is Group {
  return node?.kind === 'group' && node.open === open;
}

/** The name a word or a quoted identifier stands for, else undefined. */
export function nameOf(node: SqlNode | undefined): string | undefined {
  if (node?.kind !== 'leaf') return undefined;
  return node.token.kind === 'word' || node.token.kind === 'quoted' ? node.token.value : undefined;
}

export function stringOf(node: SqlNode | undefined): string | undefined {
  if (node?.kind !== 'leaf') return undefined;
  return node.token.kind === 'string' || node.token.kind === 'dollar' ? node.token.value : undefined;
}

/** Cuts at every top-level comma; no items for an empty list. */
export function splitCommas(items: readonly SqlNode[]): SqlNode[][] {
  if (items.length === 0) return [];
  const parts: SqlNode[][] = [[]];
  for (const item of items) {
    if (isOp(item, ',')) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  if (text.includes('\0')) throw unexpected('\\0');
  return `'${text.replaceAll("'", "''")}'`;
}

/** Words that DuckDB keeps for itself and Snowflake does not. */
const DUCKDB_ONLY = new Set(
  'ANALYSE ANALYZE ASYMMETRIC AT DEFERRABLE DESCRIBE DO INITIALLY LAMBDA ONLY PLACING SHOW SUMMARIZE SYMMETRIC VARIADIC'.split(
    ' ',
  ),
);

export function render(nodes: readonly SqlNode[]): string {
  let text = '';
  for (const node of nodes) text += text === '' ? renderNode(node) : ` ${renderNode(node)}`;
  return text;
}

function renderNode(node: SqlNode): string {
  if (node.kind === 'sql') return node.text;
  if (node.kind === 'group') return `${node.open}${render(node.items)}${CLOSING[node.open]}`;
  const { token } = node;
  switch (token.kind) {
    case 'word':
      return DUCKDB_ONLY.has(token.value) ? quoteName(token.value) : token.value;
    case 'quoted':
      return quoteName(token.value);
    case 'string':
      return /^x/i.test(token.text) ? `unhex(${quoteText(token.value)})` : quoteText(token.value);
    case 'dollar':
      return quoteText(token.value);
    case 'number':
      return token.text;
    case 'op':
      if (!KNOWN_OPS.has(token.text)) throw unexpected(token.text);
      return token.text;
    case 'stage':
      throw new SnowflakeError('000002', '0A000', 'Unsupported feature: stages are not in the embedded engine.');
    default:
      throw unexpected(token.text);
  }
}

const KNOWN_OPS = new Set('+ - * / % = < > <= >= <> != || :: , . -> =>'.split(' '));

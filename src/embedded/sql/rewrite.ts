/**
 * Snowflake SQL to DuckDB SQL: the passes over the nodes of one statement, innermost list first.
 *
 * The order matters: names of select items are taken from the client's own text before anything is changed, calls are
 * folded before casts (a cast binds to a whole call), tables last.
 */
import { SnowflakeError } from '../errors.ts';
import type { Bind, EmbeddedSession, StatementResult } from '../statement.ts';
import type { CallScope } from './call.ts';
import { foldCalls } from './calls.ts';
import { adaptPaths, compareMoments, foldCasts } from './casts.ts';
import { positionalColumn, rewriteClauses } from './clauses.ts';
import { namePivotColumns, rewriteTables } from './from-clause.ts';
import { bindLiteral, variableLiteral } from './literals.ts';
import {
  type Group,
  isGroup,
  isOp,
  isWord,
  quoteName,
  render,
  type SqlNode,
  splitCommas,
  sqlNode,
  stringOf,
  unexpected,
} from './nodes.ts';
import { resultTable } from './result-scan.ts';
import { nameSelectItems } from './select-names.ts';

export interface RewriteScope {
  readonly session: EmbeddedSession;
  readonly binds: readonly Bind[];
  /** True when a value of the statement may be a TIMESTAMP_TZ. */
  readonly isZoned?: boolean;
  /** Results of the statements before this one in a chain of `->>`, oldest first. */
  readonly piped?: readonly StatementResult[];
  /** The client's text, which the nodes' offsets point into. */
  readonly source: string;
}

/** The whole statement, or a part of it, as DuckDB SQL. @throws SnowflakeError for what the engine does not have */
export function rewrite(items: readonly SqlNode[], scope: RewriteScope): string {
  const filled = fillIn(items, scope, { count: 0 });
  const named = nameSelectItems(filled, scope.source);
  const isZoned = scope.isZoned === true;
  return render(rewriteList(named, { session: scope.session, isGenerated: false, isZoned }));
}

/** Binds, variables and IDENTIFIER(..) become what they stand for. */
export function fillIn(items: readonly SqlNode[], scope: RewriteScope, seen: { count: number }): SqlNode[] {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined) break;
    if (item.kind === 'group') {
      out.push({ ...item, items: fillIn(item.items, scope, seen) });
    } else if (item.kind === 'leaf' && item.token.kind === 'bind') {
      const position = item.token.text === '?' ? ++seen.count : Number(item.token.text.slice(1));
      out.push(sqlNode(bindLiteral(scope.binds[position - 1]), item));
    } else if (item.kind === 'leaf' && item.token.kind === 'variable') {
      const piped = pipedResult(item.token.text, items[at - 1], scope);
      const column = piped ?? positionalColumn(item.token.text);
      out.push(sqlNode(column ?? variableLiteral(item.token.text, scope.session), item));
    } else if (isWord(item, 'IDENTIFIER') && isGroup(items[at + 1])) {
      const group = items[at + 1];
      out.push(...identifier(isGroup(group) ? group.items : [], item, scope));
      at++;
    } else out.push(item);
  }
  return out;
}

/** `FROM $1` behind `->>`: the result of the statement before, $2 that of the one before it. */
function pipedResult(text: string, before: SqlNode | undefined, scope: RewriteScope): string | undefined {
  if (scope.piped === undefined || !isWord(before, 'FROM', 'JOIN') || !/^\$\d$/.test(text)) return undefined;
  const result = scope.piped.at(-Number(text.slice(1)));
  if (result !== undefined) return resultTable(result);
  throw new SnowflakeError(
    '000904',
    '42000',
    `SQL compilation error:\nThere is no statement for ${text} before this one.`,
  );
}

/** IDENTIFIER('a.b') or IDENTIFIER($variable) */
function identifier(inside: readonly SqlNode[], at: SqlNode, scope: RewriteScope): SqlNode[] {
  const only = inside.length === 1 ? inside[0] : undefined;
  const isVariable = only?.kind === 'leaf' && only.token.kind === 'variable';
  const name = isVariable ? scope.session.variables.get(only.token.text.slice(1).toUpperCase()) : stringOf(only);
  if (name === undefined || name === '' || at.kind !== 'leaf') {
    throw new SnowflakeError('001003', '42000', 'SQL compilation error:\nIDENTIFIER needs a string or a variable.');
  }
  return name.split('.').flatMap((part, index) => {
    const value = /^".*"$/.test(part) ? part.slice(1, -1) : part.toUpperCase();
    const leaf: SqlNode = { kind: 'leaf', token: { ...at.token, kind: 'quoted', text: quoteName(value), value } };
    const dot: SqlNode = { kind: 'leaf', token: { ...at.token, kind: 'op', text: '.', value: '.' } };
    return index === 0 ? [leaf] : [dot, leaf];
  });
}

function rewriteList(items: readonly SqlNode[], scope: CallScope): SqlNode[] {
  const inner: CallScope = items.some((item) => isWord(item, 'SELECT'))
    ? { ...scope, isGenerated: readsGenerator(items) }
    : scope;
  const pivoted = namePivotColumns(items);
  const deep = pivoted.map((item): SqlNode => {
    if (item.kind !== 'group') return item;
    return item.open === '{' ? objectLiteral(item, inner) : { ...item, items: rewriteList(item.items, inner) };
  });
  const cast = foldCasts(foldCalls(deep, inner), scope.isZoned);
  const folded = adaptPaths(scope.isZoned ? compareMoments(cast) : cast);
  return rewriteTables(rewriteClauses(folded), scope.session);
}

/** `{'key': value}` is an OBJECT. */
function objectLiteral(group: Group, scope: CallScope): SqlNode {
  const pairs = splitCommas(group.items).map((part) => {
    if (!isOp(part[1], ':')) throw unexpected('{');
    return `${render(part.slice(0, 1))}, ${render(rewriteList(part.slice(2), scope))}`;
  });
  return sqlNode(`json_object(${pairs.join(', ')})`, group);
}

function readsGenerator(items: readonly SqlNode[]): boolean {
  return items.some((item, at) => {
    if (!isWord(item, 'TABLE') || isOp(items[at - 1], '.')) return false;
    const group = items[at + 1];
    return isGroup(group) && isWord(group.items[0], 'GENERATOR');
  });
}

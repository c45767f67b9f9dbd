/**
 * The grammar of the writes that an operator can open: what kind of write a statement is, what it names, and which reads
 * are in it. Pure; nothing here is ever sent.
 *
 * The reads are told as SELECT texts of the statement's own parts, to be judged as any query: `UPDATE t SET a = f(b)` holds
 * `SELECT f(b) FROM t`. What does not fit the grammar is refused.
 */
import { afterParenthesis, isOp, type Statement, splitTokens } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import { checkMarks, checkSize } from './marks.ts';
import { readName } from './names.ts';
import type { Reference } from './objects.ts';
import type { GatePolicy } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';
import { checkNames } from './statement.ts';
import { readDefinition } from './write-definition.ts';

export interface Write {
  /** The verb in lower case. */
  readonly kind: string;
  readonly references: readonly Reference[];
  /** Queries that stand for the reads in it. */
  readonly reads: readonly string[];
}

/** @param tokens those of `sql` */
export function readWrite(sql: string, tokens: readonly Token[], policy: GatePolicy): Write | Refusal {
  const faulty = checkMarks(sql, tokens);
  if (faulty !== undefined) return faulty;
  const [statement, second] = splitTokens(sql, tokens, ';');
  if (statement === undefined) return refuse('empty', 'there is no statement');
  if (second !== undefined) return refuse('multiple-statements', 'more than one statement');
  const verb = statement.tokens[0]?.kind === 'word' ? (statement.tokens[0]?.value ?? '') : '';
  if (verb === 'PUT' || verb === 'GET') return refuse('put-get', verb);
  const large = checkSize(tokens, policy) ?? checkNames(statement.tokens);
  if (large !== undefined) return large;
  if (statement.tokens.some((token) => isOp(token, '->>'))) return refuse('syntax', '->> beside a write');
  const read = READERS.get(verb);
  if (read === undefined) return refuse('write-kind', /^[A-Z]{1,20}$/.test(verb) ? verb : 'no known verb');
  const isDefinition = read === readDefinition;
  if (!isDefinition && !policy.allowedWrites.has(verb.toLowerCase())) return refuse('write-kind', verb);
  return read(statement, policy) ?? refuse('syntax', `a part of ${verb} that is not known`);
}

type Reader = (statement: Statement, policy: GatePolicy) => Write | Refusal | undefined;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['INSERT', readInsert],
  ['UPDATE', readUpdate],
  ['DELETE', readDelete],
  ['MERGE', readMerge],
  ['TRUNCATE', readTruncate],
  ...['CREATE', 'ALTER', 'DROP', 'UNDROP', 'COMMENT', 'GRANT', 'REVOKE'].map((verb): [string, Reader] => [
    verb,
    readDefinition,
  ]),
]);

/** The text from token `from` up to token `to`, end exclusive. */
function textOf({ text, start, tokens }: Statement, from: number, to = tokens.length): string {
  const [first, last] = [tokens[from], tokens[to - 1]];
  return first === undefined || last === undefined || to <= from
    ? ''
    : text.slice(first.start - start, last.end - start);
}

/** The index of the first of `words` outside of parentheses and CASE, or the end. */
function findWord(tokens: readonly Token[], from: number, ...words: string[]): number {
  let cases = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (isOp(token, '(')) at = afterParenthesis(tokens, at) - 1;
    else if (token.kind !== 'word' || isOp(tokens[at - 1], '.')) continue;
    else if (cases === 0 && words.includes(token.value)) return at;
    else if (token.value === 'CASE') cases++;
    else if (token.value === 'END' && cases > 0) cases--;
  }
  return tokens.length;
}

const isWord = (token: Token | undefined, value: string): boolean => token?.kind === 'word' && token.value === value;

/** INSERT [OVERWRITE] INTO name [(columns)] query */
function readInsert(statement: Statement): Write | undefined {
  const { tokens } = statement;
  const into = isWord(tokens[1], 'OVERWRITE') ? 2 : 1;
  const target = isWord(tokens[into], 'INTO') ? readName(tokens, into + 1) : undefined;
  if (target === undefined) return undefined;
  const isList = isOp(tokens[target.end], '(') && !/^(SELECT|WITH|VALUES)$/.test(tokens[target.end + 1]?.value ?? '');
  const query = isList ? afterParenthesis(tokens, target.end) : target.end;
  const columns = tokens.slice(target.end + 1, isList ? query - 1 : target.end + 1);
  if (!columns.every((token) => token.kind === 'word' || token.kind === 'quoted' || isOp(token, ','))) return undefined;
  return { kind: 'insert', references: [{ of: 'object', parts: target.parts }], reads: [textOf(statement, query)] };
}

/** UPDATE name [alias] SET column = expression, .. [FROM ..] [WHERE ..] */
function readUpdate(statement: Statement): Write | undefined {
  const { tokens } = statement;
  const target = readName(tokens, 1);
  const set = findWord(tokens, 1, 'SET');
  if (target === undefined || set === tokens.length) return undefined;
  const end = findWord(tokens, set, 'FROM', 'WHERE');
  const values = assigned(statement, set + 1, end);
  if (values === undefined) return undefined;
  const where = findWord(tokens, end, 'WHERE');
  const from = end < where ? `, ${textOf(statement, end + 1, where)}` : '';
  return {
    kind: 'update',
    references: [{ of: 'object', parts: target.parts }],
    reads: [`SELECT ${values.join(', ')} FROM ${textOf(statement, 1, set)}${from} ${textOf(statement, where)}`],
  };
}

/** The expressions of `name = expression, ..`; undefined when it reads otherwise. */
function assigned(statement: Statement, from: number, to: number): string[] | undefined {
  const values: string[] = [];
  for (let at = from; at < to; ) {
    const name = readName(statement.tokens, at);
    if (name === undefined || !isOp(statement.tokens[name.end], '=')) return undefined;
    let end = name.end + 1;
    while (end < to && !isOp(statement.tokens[end], ',')) {
      end = /^[([{]$/.test(statement.tokens[end]?.text ?? '') ? afterBracket(statement.tokens, end) : end + 1;
    }
    const value = textOf(statement, name.end + 1, Math.min(end, to));
    if (value === '') return undefined;
    values.push(value);
    at = end + 1;
  }
  return values.length === 0 ? undefined : values;
}

function afterBracket(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind !== 'op') continue;
    if (/^[([{]$/.test(token.text)) depth++;
    else if (/^[)\]}]$/.test(token.text) && --depth === 0) return at + 1;
  }
  return tokens.length;
}

/** DELETE FROM name [alias] [USING ..] [WHERE ..] */
function readDelete(statement: Statement): Write | undefined {
  const { tokens } = statement;
  const target = isWord(tokens[1], 'FROM') ? readName(tokens, 2) : undefined;
  if (target === undefined) return undefined;
  const end = findWord(tokens, target.end, 'USING', 'WHERE');
  const where = findWord(tokens, end, 'WHERE');
  const using = end < where ? `, ${textOf(statement, end + 1, where)}` : '';
  return {
    kind: 'delete',
    references: [{ of: 'object', parts: target.parts }],
    reads: [`SELECT 1 FROM ${textOf(statement, 2, end)}${using} ${textOf(statement, where)}`],
  };
}

/** MERGE INTO name [alias] USING source ON condition WHEN [NOT] MATCHED [AND condition] THEN action .. */
function readMerge(statement: Statement): Write | undefined {
  const { tokens } = statement;
  const target = isWord(tokens[1], 'INTO') ? readName(tokens, 2) : undefined;
  const using = findWord(tokens, 2, 'USING');
  const on = findWord(tokens, using, 'ON');
  let when = findWord(tokens, on, 'WHEN');
  if (target === undefined || when === tokens.length) return undefined;
  const values: string[] = ['1'];
  while (when < tokens.length) {
    const next = findWord(tokens, when + 1, 'WHEN');
    const then = findWord(tokens, when + 1, 'THEN');
    const matched = isWord(tokens[when + 1], 'NOT') ? when + 2 : when + 1;
    if (!isWord(tokens[matched], 'MATCHED') || then > next) return undefined;
    if (then > matched + 1) {
      if (!isWord(tokens[matched + 1], 'AND')) return undefined;
      values.push(textOf(statement, matched + 2, then));
    }
    const action = actionValues(statement, then + 1, next);
    if (action === undefined) return undefined;
    values.push(...action);
    when = next;
  }
  const [from, source] = [textOf(statement, 2, using), textOf(statement, using + 1, on)];
  const condition = textOf(statement, on + 1, findWord(tokens, on, 'WHEN'));
  return {
    kind: 'merge',
    references: [{ of: 'object', parts: target.parts }],
    reads: [`SELECT ${values.join(', ')} FROM ${from} JOIN ${source} ON ${condition}`],
  };
}

/** The expressions of DELETE, UPDATE SET .. or INSERT [(columns)] VALUES (..); undefined when it is none of them. */
function actionValues(statement: Statement, from: number, to: number): string[] | undefined {
  const { tokens } = statement;
  const verb = tokens[from]?.value ?? '';
  if (verb === 'DELETE') return to === from + 1 ? [] : undefined;
  if (verb === 'UPDATE') return isWord(tokens[from + 1], 'SET') ? assigned(statement, from + 2, to) : undefined;
  if (verb !== 'INSERT') return undefined;
  const values = isOp(tokens[from + 1], '(') ? afterParenthesis(tokens, from + 1) : from + 1;
  const isWhole =
    isWord(tokens[values], 'VALUES') && isOp(tokens[values + 1], '(') && afterParenthesis(tokens, values + 1) === to;
  const columns = tokens.slice(from + 2, values - 1);
  const isPlain = columns.every(
    (token) => token.kind === 'word' || token.kind === 'quoted' || isOp(token, ',') || isOp(token, '.'),
  );
  return isWhole && isPlain ? [textOf(statement, values + 2, to - 1)] : undefined;
}

/** TRUNCATE [TABLE] [IF EXISTS] name */
function readTruncate({ tokens }: Statement): Write | undefined {
  let at = isWord(tokens[1], 'TABLE') ? 2 : 1;
  if (isWord(tokens[at], 'IF') && isWord(tokens[at + 1], 'EXISTS')) at += 2;
  const target = readName(tokens, at);
  if (target?.end !== tokens.length) return undefined;
  return { kind: 'truncate', references: [{ of: 'object', parts: target.parts }], reads: [] };
}

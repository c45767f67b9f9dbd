/**
 * Cuts Snowflake SQL into tokens.
 *
 * Comments (`--`, `//` and block comments, which do not nest) and white space are dropped; everything else comes out, in order, with its
 * place. Only space, tab, CR and LF are white space: any other space or control character is an `op` token of its own, so
 * that a caller who must be sure can refuse it. It knows no grammar and never repairs: a text that ends inside a string,
 * name or comment is an error.
 */
import type { Token, TokenKind } from './token.ts';

export type SqlTextReason =
  | 'unterminated-string'
  | 'unterminated-identifier'
  | 'unterminated-dollar-string'
  | 'unterminated-comment'
  | 'too-many-tokens'
  | 'nul-byte';

/** The text cannot be cut. Says why and where, never what the text was. */
export class SqlTextError extends Error {
  readonly reason: SqlTextReason;
  readonly offset: number;

  constructor(reason: SqlTextReason, offset: number) {
    super(`${reason} at offset ${offset}`);
    this.name = 'SqlTextError';
    this.reason = reason;
    this.offset = offset;
  }
}

/** The tokens of `sql`. @throws SqlTextError */
export function tokenize(sql: string, maxTokens = 200_000): Token[] {
  const nul = sql.indexOf('\0');
  if (nul !== -1) throw new SqlTextError('nul-byte', nul);
  const tokens: Token[] = [];
  let at = skipBlank(sql, 0);
  let endOfLast = -1;
  while (at < sql.length) {
    if (tokens.length >= maxTokens) throw new SqlTextError('too-many-tokens', at);
    const token = readToken(sql, at, at === endOfLast, tokens.at(-1));
    tokens.push(token);
    endOfLast = token.end;
    at = skipBlank(sql, token.end);
  }
  return tokens;
}

/** The offset of the next token: past white space and comments. */
function skipBlank(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const char = sql[at];
    if (char === ' ' || char === '\n' || char === '\t' || char === '\r') at++;
    else if ((char === '-' && sql[at + 1] === '-') || (char === '/' && sql[at + 1] === '/')) at = endOfLine(sql, at);
    else if (char === '/' && sql[at + 1] === '*') {
      const end = sql.indexOf('*/', at + 2);
      if (end === -1) throw new SqlTextError('unterminated-comment', at);
      at = end + 2;
    } else return at;
  }
}

function endOfLine(sql: string, from: number): number {
  let at = from;
  while (at < sql.length && sql[at] !== '\n' && sql[at] !== '\r') at++;
  return at;
}

function readToken(sql: string, start: number, glued: boolean, before: Token | undefined): Token {
  const make = (kind: TokenKind, end: number, value?: string): Token => {
    const text = sql.slice(start, end);
    return { kind, text, value: value ?? text, start, end, glued };
  };
  const char = sql[start] ?? '';
  const next = sql[start + 1] ?? '';
  if ((char === 'x' || char === 'X') && next === "'") {
    const end = endOfString(sql, start + 1);
    return make('string', end, sql.slice(start + 2, end - 1));
  }
  const wordEnd = endOfWord(sql, start);
  if (wordEnd > start) return make('word', wordEnd, upper(sql.slice(start, wordEnd)));
  if (char === "'") {
    const end = endOfString(sql, start);
    return make('string', end, unescapeString(sql.slice(start + 1, end - 1)));
  }
  if (char === '"') {
    const end = endOfQuoted(sql, start);
    return make('quoted', end, sql.slice(start + 1, end - 1).replaceAll('""', '"'));
  }
  if (isDigit(char) || (char === '.' && isDigit(next) && !(glued && isValue(before)))) {
    return make('number', endOfMatch(NUMBER, sql, start));
  }
  if (char === '$') {
    if (next === '$') {
      const close = sql.indexOf('$$', start + 2);
      if (close === -1) throw new SqlTextError('unterminated-dollar-string', start);
      return make('dollar', close + 2, sql.slice(start + 2, close));
    }
    const end = endOfMatch(NAME_TAIL, sql, start + 1);
    if (end > start + 1) return make('variable', end);
  }
  if (char === '?') return make('bind', start + 1);
  if (char === ':' && next !== ':' && next !== '=' && !opensPath(before, glued)) {
    const end = endOfMatch(NAME_TAIL, sql, start + 1);
    if (end > start + 1) return make('bind', end);
  }
  if (char === '@') {
    const end = endOfStage(sql, start);
    if (end > start + 1) return make('stage', end);
  }
  return make('op', endOfOperator(sql, start));
}

const OPERATORS = ['->>', '::', '||', '=>', '->', '<=', '>=', '<>', '!=', ':=', '**'];

function endOfOperator(sql: string, start: number): number {
  for (const operator of OPERATORS) if (sql.startsWith(operator, start)) return start + operator.length;
  const code = sql.codePointAt(start) ?? 0;
  return start + (code > 0xffff ? 2 : 1);
}

const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const ASCII_WORD = /[A-Za-z_][A-Za-z0-9_$]*/y;
const WORD = /[\p{L}_][\p{L}\p{N}\p{M}_$]*/uy;
const NAME_TAIL = /[\p{L}\p{N}\p{M}_$]+/uy;

function endOfMatch(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : at;
}

function endOfWord(sql: string, start: number): number {
  const end = endOfMatch(ASCII_WORD, sql, start);
  return (sql.charCodeAt(end) || 0) < 0x80 ? end : endOfMatch(WORD, sql, start);
}

/** Upper case as Snowflake folds names; a letter whose upper case is ASCII or several letters stays, lest it fake a keyword. */
function upper(word: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is "ASCII"
  if (/^[\x00-\x7f]*$/.test(word)) return word.toUpperCase();
  let folded = '';
  for (const char of word) {
    const big = char.toUpperCase();
    const fakes = (char.charCodeAt(0) > 0x7f && big.charCodeAt(0) < 0x80) || big.length !== char.length;
    folded += fakes ? char : big;
  }
  return folded;
}

function endOfString(sql: string, open: number): number {
  for (let at = open + 1; at < sql.length; at++) {
    const char = sql[at];
    if (char === '\\') at++;
    else if (char === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  throw new SqlTextError('unterminated-string', open);
}

function endOfQuoted(sql: string, open: number): number {
  for (let at = open + 1; at < sql.length; at++) {
    if (sql[at] !== '"') continue;
    if (sql[at + 1] !== '"') return at + 1;
    at++;
  }
  throw new SqlTextError('unterminated-identifier', open);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const ESCAPE = /''|\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g;

function unescapeString(inside: string): string {
  if (!inside.includes('\\') && !inside.includes("''")) return inside;
  return inside.replace(ESCAPE, (_, unicode?: string, hex?: string, octal?: string, other?: string) => {
    const digits = unicode ?? hex;
    if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return other === undefined ? "'" : (ESCAPES[other] ?? other);
  });
}

/** A stage and its path: up to a blank, comma, semicolon, parenthesis or string; `//`, `--` and `/*` belong to it. */
function endOfStage(sql: string, start: number): number {
  let at = start + 1;
  while (at < sql.length) {
    if (sql[at] === '"') at = endOfQuoted(sql, at);
    else if (STAGE_END.test(sql[at] ?? '')) return at;
    else at++;
  }
  return at;
}

const STAGE_END = /[\s,;()'\uFEFF]/;

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

/** A colon after a value reads into it (`v:path`, `{'key':value}`, `{'a':1}:a`); anywhere else it opens a bind. */
function opensPath(before: Token | undefined, glued: boolean): boolean {
  if (before?.kind === 'word') return glued && !BEFORE_BIND.has(before.value);
  return isValue(before);
}

function isValue(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind !== 'op') return true;
  return token.text === ')' || token.text === ']' || token.text === '}';
}

const BEFORE_BIND = new Set(
  (
    'ALL AND ANY AS BETWEEN BY CASE DISTINCT ELSE ESCAPE EXCEPT FETCH FIRST FROM HAVING ILIKE IN INTERVAL IS LIKE LIMIT ' +
    'MINUS NEXT NOT OFFSET ON OR REGEXP RLIKE SELECT SET THEN TOP USING VALUES WHEN WHERE'
  ).split(' '),
);

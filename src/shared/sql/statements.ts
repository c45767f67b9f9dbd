/**
 * Cuts a SQL text into its statements and says what each one begins with.
 *
 * A semicolon inside a string, name, comment or dollar string does not split. Scripting blocks (BEGIN .. END) are not
 * understood: they come out in pieces, the first of which begins with BEGIN or DECLARE.
 */
import { tokenize } from './lexer.ts';
import type { Token } from './token.ts';

export interface Statement {
  /** From the first token to the last; comments around it and the semicolon are left out. */
  readonly text: string;
  /** Offsets into the whole text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Never empty; their offsets count in the whole text. */
  readonly tokens: readonly Token[];
}

/** The statements of `sql`, empty ones dropped. @throws SqlTextError as `tokenize` does */
export function splitStatements(sql: string, maxTokens?: number): Statement[] {
  return splitTokens(sql, tokenize(sql, maxTokens), ';');
}

/** Cuts `tokens` (of `sql`) at every operator `mark`; pieces without tokens are dropped. */
export function splitTokens(sql: string, tokens: readonly Token[], mark: string): Statement[] {
  const pieces: Statement[] = [];
  let from = 0;
  for (let at = 0; at <= tokens.length; at++) {
    const token = tokens[at];
    if (token !== undefined && !isOp(token, mark)) continue;
    const inside = tokens.slice(from, at);
    from = at + 1;
    const start = inside[0]?.start;
    const end = inside.at(-1)?.end;
    if (start !== undefined && end !== undefined) {
      pieces.push({ text: sql.slice(start, end), start, end, tokens: inside });
    }
  }
  return pieces;
}

/**
 * The verb a statement carries out: past leading parentheses and a plain list of common table expressions, so DELETE for
 * `WITH a AS (SELECT 1) DELETE ..`. `WITH` itself when that list is not a plain one; '' when there is no word.
 */
export function firstVerb(tokens: readonly Token[]): string {
  return tokens[firstVerbAt(tokens)]?.value ?? '';
}

/** The index of the token that `firstVerb` names, or -1. */
export function firstVerbAt(tokens: readonly Token[]): number {
  let at = 0;
  for (;;) {
    while (isOp(tokens[at], '(')) at++;
    const token = tokens[at];
    if (token?.kind !== 'word') return -1;
    if (token.value !== 'WITH') return at;
    const after = skipCommonTables(tokens, at + 1);
    if (after === -1) return at;
    at = after;
  }
}

/** Past `[RECURSIVE] name [(columns)] AS (query), ..`; -1 when it reads otherwise. */
function skipCommonTables(tokens: readonly Token[], from: number): number {
  let at = from;
  const isRecursive = tokens[at]?.value === 'RECURSIVE' && isName(tokens[at + 1]) && tokens[at + 1]?.value !== 'AS';
  if (isRecursive) at++;
  for (;;) {
    if (!isName(tokens[at])) return -1;
    at++;
    if (isOp(tokens[at], '(')) at = afterParenthesis(tokens, at);
    if (tokens[at]?.kind !== 'word' || tokens[at]?.value !== 'AS' || !isOp(tokens[at + 1], '(')) return -1;
    at = afterParenthesis(tokens, at + 1);
    if (!isOp(tokens[at], ',')) return at;
    at++;
  }
}

/** The index after the parenthesis that closes the one at `open`; the token count when none does. */
export function afterParenthesis(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isOp(tokens[at], '(')) depth++;
    else if (isOp(tokens[at], ')') && --depth === 0) return at + 1;
  }
  return tokens.length;
}

export function isOp(token: Token | undefined, text: string): boolean {
  return token?.kind === 'op' && token.text === text;
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

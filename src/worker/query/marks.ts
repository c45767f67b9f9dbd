/**
 * Refuses texts whose marks could be read in two ways, and texts too large or too deep to parse.
 *
 * Snowflake's own lexer is not published. Where it is not known how it reads a mark (odd spaces, line ends inside
 * comments, `/*` inside a comment, `$$` inside a name), guessing could hide a statement, so the text is refused.
 */
import { isOp } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import type { GatePolicy } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';

/** The first thing wrong with the marks of `sql`, if any. */
export function checkMarks(sql: string, tokens: readonly Token[]): Refusal | undefined {
  let from = 0;
  let before: Token | undefined;
  for (const [at, token] of tokens.entries()) {
    const refusal = checkBlank(sql, from, token.start) ?? checkToken(token, before, tokens[at + 1]);
    if (refusal !== undefined) return refusal;
    from = token.end;
    before = token;
  }
  return checkBlank(sql, from, sql.length);
}

// Every character that some lexer takes for the end of a line, but for LF and CR LF.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ODD_LINE_END = /\r(?!\n)|[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/;

/** White space and comments between two tokens. */
function checkBlank(sql: string, from: number, to: number): Refusal | undefined {
  if (to - from <= 1)
    return sql[from] === '\r' && to > from ? refuse('unicode-space', 'a lone carriage return') : undefined;
  const blank = sql.slice(from, to);
  if (ODD_LINE_END.test(blank)) return refuse('unicode-space', 'an unusual line end outside of strings');
  for (const [comment] of blank.matchAll(/--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g)) {
    if (comment.startsWith('/*') && comment.includes('/*', 2)) return refuse('ambiguous', 'a comment inside a comment');
  }
  return undefined;
}

// String marks that other dialects give a meaning of their own.
const STRING_PREFIXES = new Set(['B', 'BR', 'E', 'L', 'N', 'NQ', 'Q', 'R', 'RB', 'U']);

function checkToken(token: Token, before: Token | undefined, after: Token | undefined): Refusal | undefined {
  switch (token.kind) {
    case 'op':
      // PATTERN (a b $): the end of the partition
      return token.text === '$' && isOp(after, ')') ? undefined : checkOperator(token);
    case 'word':
      return token.text.includes('$$') ? refuse('ambiguous', '$$ inside a name') : undefined;
    case 'variable':
      return token.text.includes('$', 1) ? refuse('ambiguous', 'a second $ inside a variable') : undefined;
    case 'dollar':
      return token.glued && before?.kind !== 'op'
        ? refuse('ambiguous', '$$ glued to what stands before it')
        : undefined;
    case 'string':
      // It is not known whether a backslash means something in x'..'.
      if (/^x/i.test(token.text) && !/^x'[0-9a-f]*'$/i.test(token.text)) {
        return refuse('ambiguous', "digits that are not hexadecimal in x'..'");
      }
      if (!token.glued || before === undefined) return undefined;
      if (before.kind === 'word' && STRING_PREFIXES.has(before.value))
        return refuse('ambiguous', 'a string with a prefix');
      return before.kind === 'string' || isOp(before, '&')
        ? refuse('ambiguous', 'a string glued to a mark')
        : undefined;
    default:
      return undefined;
  }
}

// Not `#`: the parser takes it for the begin of a comment, which it is not in Snowflake.
const PLAIN_OPERATOR = /^[-+*/%=<>!|.,:;()[\]{}^~&]+$/;

function checkOperator(token: Token): Refusal | undefined {
  if (PLAIN_OPERATOR.test(token.text)) return undefined;
  if (token.text === '@') return refuse('stage', 'a stage');
  if (/[\s\p{Z}\p{C}\p{M}]/u.test(token.text)) return refuse('unicode-space', 'an unusual space or control character');
  return refuse('character', 'a character that is not SQL outside of strings');
}

interface Level {
  /** Operators since the last comma or clause. */
  run: number;
  /** The longest such run, those of inner levels included. */
  longest: number;
}

/** Whether one expression, one nest or one chain of queries is more than the parser's stack takes. */
export function checkSize(tokens: readonly Token[], policy: GatePolicy): Refusal | undefined {
  const levels: Level[] = [{ run: 0, longest: 0 }];
  let queries = 0;
  let cases = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    const level = levels.at(-1) as Level;
    if (token.kind === 'op') {
      if (token.text === '(' || token.text === '[' || token.text === '{') {
        levels.push({ run: 0, longest: 0 });
      } else if (token.text === ')' || token.text === ']' || token.text === '}') {
        if (levels.length > 1) levels.pop();
        const outer = levels.at(-1) as Level;
        if (outer !== level) outer.run += Math.max(level.run, level.longest);
      } else if (token.text === ',') endRun(level);
      else if (token.text !== '.' && token.text !== ';' && token.text !== ':') level.run++;
    } else if (token.kind === 'word') {
      if (CLAUSES.has(token.value)) endRun(level);
      else if (CHAIN_WORDS.has(token.value)) level.run++;
      else if (QUERY_WORDS.has(token.value)) queries++;
      else if (token.value === 'CASE') cases++;
      else if (token.value === 'END' && cases > 0) cases--;
    }
    if (levels.length + cases > policy.maxDepth) return refuse('too-deep', `more than ${policy.maxDepth} levels`);
    const { run } = levels.at(-1) as Level;
    if (run > policy.maxChain) return refuse('too-deep', `more than ${policy.maxChain} operators in one expression`);
    if (queries > policy.maxChain) return refuse('too-deep', `more than ${policy.maxChain} joins and set operations`);
  }
  return undefined;
}

function endRun(level: Level): void {
  level.longest = Math.max(level.longest, level.run);
  level.run = 0;
}

const CLAUSES = new Set(['SELECT', 'WHERE', 'HAVING', 'QUALIFY', 'BY']);
const CHAIN_WORDS = new Set(
  'AND OR NOT IS IN LIKE ILIKE RLIKE REGEXP BETWEEN COLLATE AT PIVOT UNPIVOT PRIOR SAMPLE CHANGES'.split(' '),
);
const QUERY_WORDS = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'MINUS', 'JOIN', 'CONNECT_BY_ROOT']);

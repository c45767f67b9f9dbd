/**
 * The text that the parser gets in place of a query it cannot read, though Snowflake can.
 *
 * Only the parser sees it; what is sent is never changed. Each edit swaps or drops tokens that can hold neither a
 * statement nor a call: `$1` and a name with letters beyond ASCII become quoted names, `{*}` becomes `{}`, and the inside
 * of a structured type, an alias in SEMANTIC_VIEW, `FROM FIRST` of NTH_VALUE and FINAL or RUNNING of a measure go.
 */
import { afterParenthesis, isOp, type Statement } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import { isName } from './names.ts';

/** Stands before the name that `$1` becomes. No name can be written with it: a text with a NUL is never cut. */
const VARIABLE = '\0';

/** Whether a name in the parser's tree stands for `$1`, the rows of the step before `->>`. */
export function isVariable(name: string): boolean {
  return name.startsWith(VARIABLE);
}

/** The edited text, or undefined when there is nothing to edit. */
export function parserText(query: Statement): string | undefined {
  const { tokens } = query;
  let text = '';
  let copied = query.start;
  const swap = (start: number, end: number, by: string): void => {
    text += query.text.slice(copied - query.start, start - query.start) + by;
    copied = end;
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === 'variable' && /^\$\d+$/.test(token.text))
      swap(token.start, token.end, `"${VARIABLE}${token.text}"`);
    else if (isMetricAlias(tokens, at)) swap(token.start, tokens[++at]?.end ?? token.end, '');
    else if (isForeignName(token)) swap(token.start, token.end, `"${token.value}"`);
    else if (isMeasureWord(tokens, at)) swap(token.start, token.end, '');
    else if (isNthFrom(tokens, at)) swap(token.start, tokens[++at]?.end ?? token.end, '');
    else if (isOp(token, '{')) {
      const end = endOfWildcard(tokens, at + 1);
      if (end === undefined) continue;
      swap(token.end, tokens[end]?.start ?? token.end, '');
      at = end;
    } else if (opensType(tokens, at)) {
      const end = afterParenthesis(tokens, at + 1);
      if (!tokens.slice(at + 1, end).every(isTypeToken)) continue;
      swap(token.end, tokens[end - 1]?.end ?? token.end, '');
      at = end - 1;
    }
  }
  return copied === query.start ? undefined : text + query.text.slice(copied - query.start);
}

/** A name that reads the same in every normal form of Unicode, so that no lexer can take it for a keyword. */
function isForeignName({ kind, text }: Token): boolean {
  return (
    kind === 'word' &&
    /[^\x20-\x7e]/.test(text) &&
    text.normalize('NFKC') === text &&
    !/[\u0131\u017f\u212a]/.test(text)
  );
}

/** `AS name` of a dimension, fact or metric, right inside SEMANTIC_VIEW (..). */
function isMetricAlias(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== 'word' || token.value !== 'AS' || !isName(tokens[at - 1]) || !isName(tokens[at + 1]))
    return false;
  const after = tokens[at + 2];
  const ends = after?.kind === 'word' && /^(DIMENSIONS|FACTS|METRICS|WHERE)$/.test(after.value);
  if (!ends && !isOp(after, ',') && !isOp(after, ')')) return false;
  const open = openBefore(tokens, at);
  return tokens[open - 1]?.kind === 'word' && tokens[open - 1]?.value === 'SEMANTIC_VIEW';
}

/** The index of the parenthesis that is open at `at`, or -1. */
function openBefore(tokens: readonly Token[], at: number): number {
  let depth = 1;
  for (let open = at - 1; open >= 0; open--) {
    if (isOp(tokens[open], ')')) depth++;
    else if (isOp(tokens[open], '(') && --depth === 0) return open;
  }
  return -1;
}

/** FINAL or RUNNING before a call, among the measures of a MATCH_RECOGNIZE. */
function isMeasureWord(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== 'word' || !/^(FINAL|RUNNING)$/.test(token.value)) return false;
  const before = tokens[at - 1];
  const isFirst = isOp(before, ',') || (before?.kind === 'word' && before.value === 'MEASURES');
  if (!isFirst || tokens[at + 1]?.kind !== 'word' || !isOp(tokens[at + 2], '(')) return false;
  return tokens.slice(0, at).some(({ kind, value }) => kind === 'word' && value === 'MATCH_RECOGNIZE');
}

/** `FROM FIRST` or `FROM LAST` between the parentheses of NTH_VALUE and its OVER. */
function isNthFrom(tokens: readonly Token[], at: number): boolean {
  const is = (index: number, pattern: RegExp) =>
    tokens[index]?.kind === 'word' && pattern.test(tokens[index]?.value ?? '');
  if (!is(at, /^FROM$/) || !is(at + 1, /^(FIRST|LAST)$/) || !isOp(tokens[at - 1], ')')) return false;
  const hasNulls = is(at + 2, /^(IGNORE|RESPECT)$/) && is(at + 3, /^NULLS$/);
  const over = hasNulls ? at + 4 : at + 2;
  if (!is(over, /^OVER$/) || !isOp(tokens[over + 1], '(')) return false;
  return is(openBefore(tokens, at - 1) - 1, /^NTH_VALUE$/);
}

/** The index of the brace that closes `* }`, `t.* }`, `* EXCLUDE a }`, `* EXCLUDE (a, b) }` or `* ILIKE 'a' }`. */
function endOfWildcard(tokens: readonly Token[], from: number): number | undefined {
  let at = from;
  while (isName(tokens[at]) && isOp(tokens[at + 1], '.')) at += 2;
  if (!isOp(tokens[at], '*')) return undefined;
  at++;
  const word = tokens[at]?.kind === 'word' ? tokens[at]?.value : undefined;
  if (word === 'ILIKE' && tokens[at + 1]?.kind === 'string') at += 2;
  else if (word === 'EXCLUDE' && isName(tokens[at + 1])) at += 2;
  else if (word === 'EXCLUDE' && isOp(tokens[at + 1], '(')) {
    const end = afterParenthesis(tokens, at + 1);
    if (!tokens.slice(at + 2, end - 1).every((token) => isName(token) || isOp(token, ','))) return undefined;
    at = end;
  }
  return isOp(tokens[at], '}') ? at : undefined;
}

/** `::ARRAY(`, `AS OBJECT(` or `::MAP(`. */
function opensType(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== 'word' || !/^(ARRAY|OBJECT|MAP)$/.test(token.value) || !isOp(tokens[at + 1], '(')) return false;
  const before = tokens[at - 1];
  return isOp(before, '::') || (before?.kind === 'word' && before.value === 'AS');
}

const STATEMENT_WORDS = new Set(
  'ALTER CALL COPY CREATE DELETE DROP EXECUTE FROM GRANT INSERT MERGE SELECT SET TABLE TRUNCATE UPDATE VALUES WITH'.split(
    ' ',
  ),
);

function isTypeToken(token: Token, at: number, all: readonly Token[]): boolean {
  if (token.kind === 'word') return !STATEMENT_WORDS.has(token.value);
  if (token.kind === 'op' && token.text === '(')
    return (
      at === 0 ||
      /^(ARRAY|OBJECT|MAP|NUMBER|DECIMAL|NUMERIC|VARCHAR|CHAR|STRING|BINARY|TIMESTAMP\w*|TIME|VECTOR)$/.test(
        all[at - 1]?.value ?? '',
      )
    );
  return token.kind === 'number' || (token.kind === 'op' && (token.text === ')' || token.text === ','));
}

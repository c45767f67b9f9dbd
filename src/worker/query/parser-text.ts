/**
 * The text that the parser gets in place of a query it cannot read, though Snowflake can.
 *
 * Only the parser sees it; what is sent is never changed. Each edit swaps or drops tokens that can hold neither a
 * statement nor a call: `$1` becomes a name, `{*}` becomes `{}`, and the inside of a structured type goes.
 */
import { afterParenthesis, isOp, type Statement } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';

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
    if (token.kind === 'variable' && /^\$\d+$/.test(token.text)) swap(token.start, token.end, `"${token.text}"`);
    else if (isOp(token, '*') && isOp(tokens[at - 1], '{') && isOp(tokens[at + 1], '}'))
      swap(token.start, token.end, '');
    else if (opensType(tokens, at)) {
      const end = afterParenthesis(tokens, at + 1);
      if (!tokens.slice(at + 1, end).every(isTypeToken)) continue;
      swap(token.end, tokens[end - 1]?.end ?? token.end, '');
      at = end - 1;
    }
  }
  return copied === query.start ? undefined : text + query.text.slice(copied - query.start);
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

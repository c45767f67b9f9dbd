/** Dotted names as the lexer cuts them and as one spelling. Pure. */
import { SqlTextError, tokenize } from '../../shared/sql/lexer.ts';
import { isOp } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';

/** One spelling per name: parts joined by dots, quoted where unquoted they would mean another name. */
export function nameKey(parts: readonly string[]): string {
  return parts.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.');
}

/** The dotted name that begins at `at`: its parts, '' where two dots touch, and the index after it; undefined when there is none. */
export function readName(tokens: readonly Token[], at: number): { parts: string[]; end: number } | undefined {
  if (!isName(tokens[at])) return undefined;
  const parts = [tokens[at]?.value ?? ''];
  let end = at + 1;
  while (isOp(tokens[end], '.')) {
    end++;
    const token = tokens[end];
    if (isOp(token, '.')) parts.push('');
    else if (isName(token)) {
      parts.push(token?.value ?? '');
      end++;
    } else return undefined;
  }
  return { parts, end };
}

/** The parts of a name written in a text such as 'DB.SCHEMA.NAME'; undefined when the text is anything else. */
export function nameInText(text: string): readonly string[] | undefined {
  try {
    const tokens = tokenize(text, 16);
    const name = readName(tokens, 0);
    return name?.end === tokens.length ? name.parts : undefined;
  } catch (error) {
    if (error instanceof SqlTextError) return undefined;
    throw error;
  }
}

export function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

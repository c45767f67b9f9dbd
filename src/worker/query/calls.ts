/**
 * The lexer's own look at calls: every name before a parenthesis must be a function that only reads, a word of the
 * grammar, a type, or an alias with its column names.
 *
 * The tree is judged call by call too (tree.ts). This is for what the parser takes for something else: it reads
 * `FROM t LIMIT (SELECT f(1))` as a table with an alias, so no call shows in the tree.
 */
import { afterParenthesis, isOp } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import {
  AI_FUNCTIONS,
  BUILT_IN,
  INFORMATION_SCHEMA_FUNCTIONS,
  isAi,
  MATCH_FUNCTIONS,
  READ_SYSTEM,
  TABLE_FUNCTIONS,
} from './functions.ts';
import { nameKey } from './names.ts';
import type { GatePolicy } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Words and types that may stand before a parenthesis without calling anything. */
const GRAMMAR = words(`
ALL AND ANY ARRAY AS AT BEFORE BERNOULLI BETWEEN BINARY BLOCK BY CASE CHANGES CHAR CHARACTER CUBE DATETIME DECIMAL DEFAULT DISTINCT
ELSE END EXCEPT EXCLUDE EXISTS FLOAT FROM GROUP HAVING ILIKE IN INTERSECT INTERVAL JOIN LATERAL LIKE LIMIT MAP MATCH_CONDITION
MATCH_RECOGNIZE MINUS NAME NCHAR NOT NULL NULLS NUMBER NUMERIC NVARCHAR OBJECT OFFSET ON OR OVER PATTERN PERMUTE PIVOT PRIOR QUALIFY
REGEXP RENAME REPEATABLE RLIKE ROLLUP ROW ROWS SAMPLE SEED SELECT SEMANTIC_VIEW SETS STRING SYSTEM TABLE TABLESAMPLE TEXT THEN TIME
TIMESTAMP TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMPTZ TIMESTAMP_LTZ TIMESTAMP_NTZ TIMESTAMP_TZ TOP UNION UNPIVOT USING VALUES VARBINARY VARCHAR
VECTOR WHEN WHERE WITH
`);

/** The first call that is not known to read, if any. */
export function checkCalls(tokens: readonly Token[], policy: GatePolicy): Refusal | undefined {
  for (let open = 1; open < tokens.length; open++) {
    const name = tokens[open - 1];
    if (!isOp(tokens[open], '(') || !isName(name)) continue;
    // a.id = b.id(+), the old outer join
    if (isOp(tokens[open + 1], '+') && isOp(tokens[open + 2], ')')) continue;
    if (isWord(name, 'VARYING') && /^N?CHAR(ACTER)?$/.test(tokens[open - 2]?.value ?? '')) continue;
    const first = startOfName(tokens, open - 1);
    const parts = tokens.slice(first, open).filter(isName);
    if (mayStand(parts, policy) || isColumnList(tokens, first, open)) {
      // The inside of PATTERN (..) is names and quantifiers, which may look like calls.
      if (name?.kind === 'word' && name.value === 'PATTERN') open = afterParenthesis(tokens, open) - 1;
      continue;
    }
    const values = parts.map((part) => part.value);
    const key = nameKey(values);
    const isPlainAi = isAi(values) && parts.every((part) => part.kind === 'word');
    if (isPlainAi && policy.aiFunctions && AI_FUNCTIONS.has(key)) continue;
    if (isPlainAi && !policy.aiFunctions) return refuse('ai-function', key.slice(0, 120));
    if (key === 'RESULT_SCAN') return refuse('result-scan', key);
    return refuse('function', /^[A-Z0-9_$.]{1,120}$/.test(key) ? key : 'a function with a quoted name');
  }
  return undefined;
}

function mayStand(parts: readonly Token[], policy: GatePolicy): boolean {
  const values = parts.map((part) => part.value);
  if (policy.allowedFunctions.has(nameKey(values))) return true;
  // A database may have any name, Snowflake's functions in it have not.
  if (parts.slice(parts.length === 3 ? 1 : 0).some((part) => part.kind === 'quoted')) return false;
  const last = values.at(-1) ?? '';
  if (values.length > 1) {
    return values.at(-2) === 'INFORMATION_SCHEMA' && INFORMATION_SCHEMA_FUNCTIONS.has(last);
  }
  const known = [GRAMMAR, BUILT_IN, TABLE_FUNCTIONS, MATCH_FUNCTIONS, READ_SYSTEM];
  return known.some((names) => names.has(last));
}

/** The index of the first part of the dotted name that ends at `at`. */
function startOfName(tokens: readonly Token[], at: number): number {
  let first = at;
  while (isOp(tokens[first - 1], '.') && isName(tokens[first - 2])) first -= 2;
  return first;
}

/** `AS t (a, b)`, `) t (a, b)`, `FROM x t (a, b)` or, in WITH, `t (a, b) AS (`: plain names in an alias's place. */
function isColumnList(tokens: readonly Token[], first: number, open: number): boolean {
  if (first !== open - 1) return false;
  const end = afterParenthesis(tokens, open);
  const inside = tokens.slice(open + 1, end - 1);
  const isPlain = inside.every((token, at) => (at % 2 === 0 ? isName(token) : isOp(token, ',')));
  if (!isPlain || inside.length % 2 === 0) return false;
  const before = tokens[first - 1];
  if (isOp(before, ')') || isWord(before, 'AS')) return true;
  if (isWord(tokens[end], 'AS') && isOp(tokens[end + 1], '(')) {
    return isOp(before, ',') || isWord(before, 'WITH') || isWord(before, 'RECURSIVE');
  }
  if (!isName(before) || isWord(before, 'LATERAL') || isWord(before, 'TABLE')) return false;
  const table = tokens[startOfName(tokens, first - 1) - 1];
  return isWord(table, 'FROM') || isWord(table, 'JOIN') || isOp(table, ',');
}

function isWord(token: Token | undefined, value: string): boolean {
  return token?.kind === 'word' && token.value === value;
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

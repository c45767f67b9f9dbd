/**
 * Statements that define: CREATE, ALTER, DROP, UNDROP, COMMENT, GRANT, REVOKE. What they define and by which name. Pure.
 *
 * A verb alone opens tables, views, schemas and sequences; anything else, such as users or tasks, the policy has to name
 * with the verb. A query after AS is told apart, to be judged as any query.
 */
import { afterParenthesis, isOp, type Statement } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import { checkCalls } from './calls.ts';
import { readName } from './names.ts';
import type { Reference } from './objects.ts';
import type { GatePolicy } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface Definition {
  readonly kind: string;
  readonly references: readonly Reference[];
  readonly reads: readonly string[];
}

const PLAIN_TYPES = new Set(['TABLE', 'VIEW', 'SCHEMA', 'SEQUENCE']);
const MODIFIERS = new Set('OR REPLACE SECURE TEMP TEMPORARY TRANSIENT VOLATILE LOCAL GLOBAL RECURSIVE'.split(' '));

/** undefined when it has no type or name where the grammar wants one. */
export function readDefinition(
  { tokens, text, start }: Statement,
  policy: GatePolicy,
): Definition | Refusal | undefined {
  const verb = (tokens[0]?.value ?? '').toLowerCase();
  const isComment = verb === 'comment';
  if (verb === 'grant' || verb === 'revoke') {
    if (!policy.allowedWrites.has(verb)) return refuse('write-kind', verb.toUpperCase());
    return { kind: verb, references: [{ of: 'unknown', what: verb.toUpperCase() }], reads: [] };
  }
  let at = 1;
  if (isComment) at = skipExists(tokens, at) + (wordAt(tokens, skipExists(tokens, at)) === 'ON' ? 1 : 0);
  while (MODIFIERS.has(wordAt(tokens, at))) at++;
  const [type, second] = [wordAt(tokens, at), wordAt(tokens, at + 1)];
  if (type === '') return undefined;
  const named = [`${verb} ${type} ${second}`, `${verb} ${type}`].map((words) => words.toLowerCase());
  const isOpen =
    named.some((words) => policy.allowedWrites.has(words)) ||
    (policy.allowedWrites.has(verb) && (isComment || PLAIN_TYPES.has(type)));
  if (!isOpen) return refuse('write-kind', `${verb} ${type}`.toUpperCase().slice(0, 60));
  if (!PLAIN_TYPES.has(type)) return { kind: verb, references: [{ of: 'unknown', what: type }], reads: [] };
  const name = readName(tokens, skipExists(tokens, at + 1));
  if (name === undefined) return undefined;
  const of = type === 'SCHEMA' ? 'schema' : 'object';
  const isNew = verb === 'create' && !tokens.slice(0, at).some(({ value }) => value === 'REPLACE');
  const query = verb === 'create' ? queryAt(tokens, name.end) : tokens.length;
  const first = tokens[query];
  // A query anywhere else, as in USING TEMPLATE (SELECT ..), would go unjudged.
  if (tokens.slice(0, query).some((token) => token.kind === 'word' && token.value === 'SELECT')) return undefined;
  const called = checkExpressions(tokens.slice(name.end, query), policy);
  if (called !== undefined) return called;
  return {
    kind: verb,
    references: [{ of, parts: name.parts, isWhole: !isNew }, ...otherNames(tokens.slice(name.end, query), of)],
    reads: first === undefined ? [] : [text.slice(first.start - start)],
  };
}

/** The expressions of a definition, which run later or at once: DEFAULT .., AT (..), BEFORE (..), CLUSTER BY (..). */
function checkExpressions(tokens: readonly Token[], policy: GatePolicy): Refusal | undefined {
  for (let at = 0; at < tokens.length; at++) {
    const word = wordAt(tokens, at);
    const isInside = word === 'AT' || word === 'BEFORE' || (word === 'BY' && wordAt(tokens, at - 1) === 'CLUSTER');
    const end =
      word === 'DEFAULT'
        ? defaultEnd(tokens, at + 1)
        : isInside && isOp(tokens[at + 1], '(')
          ? afterParenthesis(tokens, at + 1)
          : at;
    const refusal = checkCalls(tokens.slice(at + 1, end), policy);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const AFTER_DEFAULT = new Set(
  'NOT NULL UNIQUE PRIMARY REFERENCES CONSTRAINT COMMENT WITH MASKING TAG COLLATE FOREIGN PROJECTION AUTOINCREMENT'.split(
    ' ',
  ),
);

function defaultEnd(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && !isOp(tokens[at], ',') && !isOp(tokens[at], ')')) {
    if (AFTER_DEFAULT.has(wordAt(tokens, at))) break;
    at = isOp(tokens[at], '(') ? afterParenthesis(tokens, at) : at + 1;
  }
  return at;
}

function wordAt(tokens: readonly Token[], at: number): string {
  return tokens[at]?.kind === 'word' ? (tokens[at]?.value ?? '') : '';
}

/** Past IF [NOT] EXISTS. */
function skipExists(tokens: readonly Token[], at: number): number {
  if (wordAt(tokens, at) !== 'IF') return at;
  return wordAt(tokens, at + 1) === 'NOT' ? at + 3 : at + 2;
}

/** Where the query after AS begins, or the end. */
function queryAt(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at++) {
    if (wordAt(tokens, at) !== 'AS') continue;
    const next = tokens[at + 1];
    if (isOp(next, '(') || /^(SELECT|WITH|VALUES)$/.test(wordAt(tokens, at + 1))) return at + 1;
  }
  return tokens.length;
}

/** What is copied, swapped or renamed to. */
function otherNames(tokens: readonly Token[], of: 'schema' | 'object'): Reference[] {
  return tokens.flatMap((_token, at): Reference[] => {
    const isBefore =
      /^(CLONE|LIKE|REFERENCES)$/.test(wordAt(tokens, at)) ||
      (wordAt(tokens, at) === 'WITH' && wordAt(tokens, at - 1) === 'SWAP') ||
      (wordAt(tokens, at) === 'TO' && wordAt(tokens, at - 1) === 'RENAME');
    const parts = isBefore ? readName(tokens, at + 1)?.parts : undefined;
    return parts === undefined ? [] : [{ of, parts, isWhole: true }];
  });
}

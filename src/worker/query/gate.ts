/**
 * The gate before Snowflake: says of a SQL text whether it may be sent. Deny by default; nothing is sent or changed here.
 *
 * The lexer looks first (one statement, limits, kind, forbidden words), then the parser's tree of every query in it; both
 * have to say that it only reads. It is the second fence: the first is what Snowflake's role may do.
 */
import { hash } from 'node:crypto';
import { SqlTextError, tokenize } from '../../shared/sql/lexer.ts';
import { isOp, type Statement } from '../../shared/sql/statements.ts';
import { createSqlParser, type SqlParser } from './parser.ts';
import { parserText } from './parser-text.ts';
import { type Decision, type GatePolicy, type Refusal, refuse } from './policy.ts';
import { readStatement } from './statement.ts';
import { checkTree } from './tree.ts';

export interface Gate {
  /** Loads the parser; until then every query is refused as `parser-unavailable`. */
  warm(): Promise<void>;
  /** Never throws. */
  check(sql: string): Decision;
  readonly parser: Pick<SqlParser, 'broken' | 'replaced'>;
}

/** A gate with a memory of its own. */
export function createGate(policy: GatePolicy, parser: SqlParser = createSqlParser()): Gate {
  const decisions = new Map<string, Decision>();

  function remember(key: string, decision: Decision): void {
    const oldest = decisions.keys().next();
    if (decisions.size >= policy.cacheEntries && !oldest.done) decisions.delete(oldest.value);
    if (policy.cacheEntries > 0) decisions.set(key, decision);
  }

  return {
    warm: () => parser.warm(),
    check(sql) {
      if (sql.length > policy.maxLength) {
        return refuse('too-long', `${sql.length} characters, ${policy.maxLength} are allowed`);
      }
      const key = hash('sha256', sql, 'base64');
      const known = decisions.get(key);
      decisions.delete(key);
      const decision = known ?? decide(sql, policy, parser);
      if (!isPassing(decision)) remember(key, decision);
      return decision;
    },
    parser,
  };
}

/** True for a refusal that says something about the parser now, not about the text. */
function isPassing(decision: Decision): boolean {
  return decision.verdict === 'refuse' && decision.reason === 'parser-unavailable';
}

function decide(sql: string, policy: GatePolicy, parser: SqlParser): Decision {
  try {
    const segments = readStatement(sql, tokenize(sql, policy.maxTokens), policy);
    if (!Array.isArray(segments)) return segments;
    const objects = new Set<string>();
    for (const { query } of segments) {
      const found = query === undefined ? [] : checkQuery(query, policy, parser);
      if ('verdict' in found) return found;
      for (const name of found) objects.add(name);
    }
    const kinds = segments.map((segment) => segment.kind);
    return { verdict: 'allow', kind: kinds.at(-1) ?? 'select', segments: kinds, objects: [...objects] };
  } catch (error) {
    return refuseUnread(error, policy);
  }
}

function checkQuery(query: Statement, policy: GatePolicy, parser: SqlParser): ReadonlySet<string> | Refusal {
  let parsed = parser.parse(query.text);
  if (parsed.kind === 'syntax-error') {
    const edited = parserText(query);
    if (edited !== undefined) parsed = parser.parse(edited);
  }
  switch (parsed.kind) {
    case 'tree':
      return checkTree(parsed.statements, countSelects(query), policy);
    case 'unavailable':
      return refuse('parser-unavailable', 'the SQL parser is not ready');
    case 'syntax-error':
      return refuse('unparseable', 'the parser cannot read it');
    case 'failed':
      return refuse('unparseable', 'the parser gave up on it');
    default:
      return parsed satisfies never;
  }
}

/** How often the reserved word stands there as a word of its own, not as part of a name or a path. */
function countSelects({ tokens }: Statement): number {
  return tokens.filter(({ kind, value }, at) => {
    const before = tokens[at - 1];
    return kind === 'word' && value === 'SELECT' && !isOp(before, '.') && !isOp(before, ':');
  }).length;
}

function refuseUnread(error: unknown, policy: GatePolicy): Refusal {
  if (!(error instanceof SqlTextError)) return refuse('unparseable', 'it cannot be read');
  if (error.reason === 'too-many-tokens') return refuse('too-many-tokens', `more than ${policy.maxTokens} tokens`);
  if (error.reason === 'nul-byte') return refuse('character', 'a NUL character');
  return refuse('unparseable', error.reason.replaceAll('-', ' '));
}

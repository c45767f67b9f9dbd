/**
 * The gate before Snowflake: says of a SQL text whether it may be sent. Deny by default; nothing is sent or changed here.
 *
 * The lexer looks first (one statement, limits, kind, forbidden words), then the parser's tree of every query in it; both
 * have to say that it only reads. It is the second fence: the first is what Snowflake's role may do.
 */
import { hash } from 'node:crypto';
import { SqlTextError, tokenize } from '../../shared/sql/lexer.ts';
import { isOp, type Statement } from '../../shared/sql/statements.ts';
import { nameKey } from './names.ts';
import type { NameHome, Reference } from './objects.ts';
import { createSqlParser, type SqlParser } from './parser.ts';
import { parserText } from './parser-text.ts';
import type { Decision, GatePolicy, WriteDecision } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';
import { readStatement } from './statement.ts';
import { checkTree } from './tree.ts';
import { readWrite } from './write.ts';

export interface Gate {
  /** Loads the parser; until then every query is refused as `parser-unavailable`. */
  warm(): Promise<void>;
  /** Whether `sql` may be sent as a read; names without a database or schema belong to `home`. Never throws. */
  check(sql: string, home?: NameHome): Decision;
  /** Whether `sql` may be sent as a write: a kind that the policy opens, on objects that it lets through. Never throws. */
  checkWrite(sql: string, home?: NameHome): WriteDecision;
  /** Whether a metadata statement of this server's own stays within the object lists; INFORMATION_SCHEMA itself is open to it. */
  checkCatalog(sql: string, home?: NameHome): Refusal | undefined;
  readonly parser: Pick<SqlParser, 'broken' | 'replaced'>;
}

const NOWHERE: NameHome = { database: undefined, schema: undefined };

/** A gate with a memory of its own. */
export function createGate(policy: GatePolicy, parser: SqlParser = createSqlParser()): Gate {
  const decisions = new Map<string, Decision>();

  function remember(key: string, decision: Decision): void {
    const oldest = decisions.keys().next();
    if (decisions.size >= policy.cacheEntries && !oldest.done) decisions.delete(oldest.value);
    if (policy.cacheEntries > 0) decisions.set(key, decision);
  }

  function decideOnce(sql: string): Decision {
    if (sql.length > policy.maxLength) {
      return refuse('too-long', `${sql.length} characters, ${policy.maxLength} are allowed`);
    }
    const key = hash('sha256', sql, 'base64');
    const known = decisions.get(key);
    decisions.delete(key);
    const decision = known ?? decide(sql, policy, parser);
    if (!isPassing(decision)) remember(key, decision);
    return decision;
  }

  return {
    warm: () => parser.warm(),
    check(sql, home = NOWHERE) {
      const decision = decideOnce(sql);
      if (decision.verdict === 'refuse') return decision;
      return policy.objects.judge(decision.references, home) ?? decision;
    },
    checkWrite(sql, home = NOWHERE) {
      if (sql.length > policy.maxLength) {
        return refuse('too-long', `${sql.length} characters, ${policy.maxLength} are allowed`);
      }
      return decideWrite(sql, home, policy, parser);
    },
    checkCatalog(sql, home = NOWHERE) {
      if (policy.objects.isOpen) return undefined;
      const decision = decide(sql, { ...policy, allowedKinds: CATALOG_KINDS }, parser);
      if (decision.verdict === 'refuse') return decision;
      const references = decision.references.filter(
        (reference) => reference.of !== 'object' || reference.parts.at(-2) !== 'INFORMATION_SCHEMA',
      );
      return policy.objects.judge(references, home);
    },
    parser,
  };
}

const CATALOG_KINDS = new Set(['select', 'show', 'describe', 'explain'] as const);

/** True for a refusal that says something about the parser now, not about the text. */
function isPassing(decision: Decision): boolean {
  return decision.verdict === 'refuse' && decision.reason === 'parser-unavailable';
}

function decide(sql: string, policy: GatePolicy, parser: SqlParser): Decision {
  try {
    const segments = readStatement(sql, tokenize(sql, policy.maxTokens), policy);
    if (!Array.isArray(segments)) return segments;
    const tables = new Map<string, readonly string[]>();
    for (const { query } of segments) {
      const found = query === undefined ? NO_TABLES : checkQuery(query, policy, parser);
      if ('verdict' in found) return found;
      for (const [name, parts] of found) tables.set(name, parts);
    }
    const kinds = segments.map((segment) => segment.kind);
    const references = [
      ...segments.flatMap((segment) => segment.references),
      ...[...tables.values()].map((parts): Reference => ({ of: 'object', parts })),
    ];
    return {
      verdict: 'allow',
      kind: kinds.at(-1) ?? 'select',
      segments: kinds,
      objects: [...tables.keys()],
      references,
    };
  } catch (error) {
    return refuseUnread(error, policy);
  }
}

const NO_TABLES: ReadonlyMap<string, readonly string[]> = new Map();

function decideWrite(sql: string, home: NameHome, policy: GatePolicy, parser: SqlParser): WriteDecision {
  try {
    const write = readWrite(sql, tokenize(sql, policy.maxTokens), policy);
    if ('verdict' in write) return write;
    const references = [...write.references];
    const names = write.references.flatMap((reference) =>
      reference.of === 'object' ? [nameKey(reference.parts)] : [],
    );
    for (const read of write.reads) {
      const decision = decide(read, { ...policy, allowedKinds: QUERIES }, parser);
      if (decision.verdict === 'refuse') return decision;
      references.push(...decision.references);
      names.push(...decision.objects);
    }
    const refusal = policy.objects.judge(references, home);
    return refusal ?? { verdict: 'allow', kind: write.kind, objects: [...new Set(names)] };
  } catch (error) {
    return refuseUnread(error, policy);
  }
}

const QUERIES = new Set(['select'] as const);

function checkQuery(
  query: Statement,
  policy: GatePolicy,
  parser: SqlParser,
): ReadonlyMap<string, readonly string[]> | Refusal {
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
  if (error.reason === 'nul-byte') return refuse('character', 'a NUL character, which strings may not have either');
  return refuse('unparseable', error.reason.replaceAll('-', ' '));
}

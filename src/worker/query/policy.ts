/**
 * What the gate may let through, and the words it answers with.
 *
 * Reads only: no setting here opens a write. PUT and GET are refused whatever the policy says, because the driver itself
 * would carry them out on this machine's files.
 */

import { tokenize } from '../../shared/sql/lexer.ts';
import { splitTokens } from '../../shared/sql/statements.ts';

export type StatementKind = 'select' | 'show' | 'describe' | 'explain' | 'list' | 'use';

export interface GatePolicy {
  readonly allowedKinds: ReadonlySet<StatementKind>;
  /** Names as `nameKey` writes them: functions of the owner's that statements may call. */
  readonly allowedFunctions: ReadonlySet<string>;
  /** AI_* and SNOWFLAKE.CORTEX functions, which cost credits. */
  readonly aiFunctions: boolean;
  /** `FROM @stage`. */
  readonly stageReads: boolean;
  /** UTF-16 units of the whole text. */
  readonly maxLength: number;
  readonly maxTokens: number;
  /** Open parentheses, brackets and CASEs at one place. */
  readonly maxDepth: number;
  /** Operators of one expression, and set operations or joins of one statement; longer chains exhaust the parser's stack. */
  readonly maxChain: number;
  /** Decisions kept, the least recently used leaves first; 0 keeps none. */
  readonly cacheEntries: number;
}

export const DEFAULT_POLICY: GatePolicy = {
  allowedKinds: new Set<StatementKind>(['select', 'show', 'describe', 'explain']),
  allowedFunctions: new Set<string>(),
  aiFunctions: false,
  stageReads: false,
  maxLength: 64 * 1024,
  maxTokens: 10_000,
  maxDepth: 100,
  maxChain: 400,
  cacheEntries: 1000,
};

/** Words of policy.allowed_sql_commands; WITH, UNION and VALUES are ways to write a SELECT. */
const KIND_WORDS: Readonly<Record<string, StatementKind>> = {
  select: 'select',
  with: 'select',
  union: 'select',
  values: 'select',
  show: 'show',
  describe: 'describe',
  desc: 'describe',
  explain: 'explain',
  list: 'list',
  ls: 'list',
  use: 'use',
};

/** The policy that the `policy` section of the configuration asks for. */
export function gatePolicy(section: {
  readonly allowed_sql_commands: readonly string[];
  readonly allowed_functions: readonly string[];
  readonly ai_functions: boolean;
}): GatePolicy {
  const kinds = section.allowed_sql_commands.map((word) => KIND_WORDS[word.trim().toLowerCase()]);
  return {
    ...DEFAULT_POLICY,
    allowedKinds: new Set(kinds.filter((kind) => kind !== undefined)),
    allowedFunctions: new Set(section.allowed_functions.map(functionKey)),
    aiFunctions: section.ai_functions,
  };
}

/** Those words of policy.allowed_sql_commands that open nothing, because the gate lets only reads through. */
export function unknownCommands(words: readonly string[]): string[] {
  return words.filter((word) => KIND_WORDS[word.trim().toLowerCase()] === undefined);
}

/** One spelling per name: parts joined by dots, quoted where unquoted they would mean another name. */
export function nameKey(parts: readonly string[]): string {
  return parts.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.');
}

function functionKey(written: string): string {
  return nameKey(
    splitTokens(written, tokenize(written), '.').flatMap((part) => part.tokens.map((token) => token.value)),
  );
}

/** Why a statement is refused, each with what to do about it. */
const NEXT = {
  empty: 'Send one statement.',
  'multiple-statements': 'Send the statements one by one.',
  'statement-kind': 'Only reads are allowed: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN (policy.allowed_sql_commands).',
  scripting: 'Send the queries of the block one by one; scripting, CALL and EXECUTE are not allowed.',
  'put-get': 'PUT and GET move files of the server and are never allowed.',
  write: 'Only reads are allowed; take the part that writes out of the statement.',
  syntax: 'Write the statement without this construct.',
  function: 'Use built-in functions; the operator can allow others with policy.allowed_functions.',
  'ai-function': 'The operator can allow AI functions with policy.ai_functions.',
  'dynamic-name': 'Write the name of the table or column out.',
  stage: 'Query a table; reading staged files is not allowed.',
  'too-long': 'Shorten the statement; long lists belong in a table to join with.',
  'too-many-tokens': 'Shorten the statement; long lists belong in a table to join with.',
  'too-deep': 'Nest less: use common table expressions, and IN (..) in place of long OR chains.',
  'unicode-space': 'Use plain spaces and line ends outside of strings.',
  character: 'Remove the character, or put it into a string or a quoted name.',
  ambiguous: 'Write it so that it can be read in one way only: spaces around strings, no $$ in names, plain comments.',
  unparseable: 'Check the syntax; if it is correct, write it with simpler constructs.',
  'parser-unavailable': 'Try again in a moment; if it persists, restart the workers.',
} as const;

export type RefusalReason = keyof typeof NEXT;

export interface Refusal {
  readonly verdict: 'refuse';
  readonly reason: RefusalReason;
  /** Short words about the statement: never its literals, at most a verb or function it names. */
  readonly detail: string;
  readonly next: string;
}

interface Permission {
  readonly verdict: 'allow';
  /** Of the segment whose rows are the result. */
  readonly kind: StatementKind;
  /** One per `->>` segment. */
  readonly segments: readonly StatementKind[];
  /** Tables and views that the SELECT parts name, as `nameKey` writes them: for audit, not for access (a common table expression hides a table of its name). */
  readonly objects: readonly string[];
}

export type Decision = Permission | Refusal;

export function refuse(reason: RefusalReason, detail: string): Refusal {
  return { verdict: 'refuse', reason, detail, next: NEXT[reason] };
}

/**
 * The words by which an operator says which statements may run, and what each opens. Pure.
 *
 * Two lists are understood: `allowed_sql_commands` (select, show, ...) and, for those who come from Snowflake's own
 * open-source server, `sql_statement_permissions` (`- Select: true`), which takes the place of the first when it is set.
 * Neither opens a write: that is for `write_sql_commands` alone.
 */
import { suggestion } from './layer.ts';

export type ReadKind = 'select' | 'show' | 'describe' | 'explain' | 'list' | 'use';

export interface Permission {
  readonly statement: string;
  readonly allowed: boolean;
}

interface PolicyWords {
  readonly allowed_sql_commands: readonly string[];
  readonly sql_statement_permissions: readonly Permission[];
  readonly write_sql_commands: readonly string[];
}

const ALL_READS: readonly ReadKind[] = ['select', 'show', 'describe', 'explain', 'list', 'use'];

/** WITH, UNION and VALUES are ways to write a SELECT; Command is what sqlglot calls what it does not parse. */
const READ_WORDS: ReadonlyMap<string, readonly ReadKind[]> = new Map<string, readonly ReadKind[]>([
  ['select', ['select']],
  ['with', ['select']],
  ['union', ['select']],
  ['values', ['select']],
  ['show', ['show']],
  ['describe', ['describe']],
  ['desc', ['describe']],
  ['explain', ['explain']],
  ['list', ['list']],
  ['ls', ['list']],
  ['use', ['use']],
  ['command', ['explain', 'list']],
  ['all', ALL_READS],
]);

/** First words of statements that change data, objects or rights. */
const WRITE_VERBS = [
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'create',
  'alter',
  'drop',
  'undrop',
  'comment',
  'grant',
  'revoke',
] as const;

/** Of sql_statement_permissions: what those words ask for is never opened by it. */
const NEVER_READS = new Set<string>([
  ...WRITE_VERBS,
  'unknown',
  'commit',
  'rollback',
  'transaction',
  'copy',
  'call',
  'execute',
  'set',
  'truncatetable',
]);

const wordOf = (written: string): string => written.trim().toLowerCase().replace(/\s+/g, ' ');

/** The statement kinds that read and are open. What a permission list forbids stays closed, even beside `All: true`. */
export function openReads(commands: readonly string[], permissions: readonly Permission[]): ReadonlySet<ReadKind> {
  if (permissions.length === 0) return new Set(commands.flatMap((word) => READ_WORDS.get(wordOf(word)) ?? []));
  const open = new Set<ReadKind>();
  for (const { statement, allowed } of permissions) {
    if (allowed) for (const kind of READ_WORDS.get(wordOf(statement)) ?? []) open.add(kind);
  }
  for (const { statement, allowed } of permissions) {
    const word = wordOf(statement);
    if (!allowed && word !== 'all') for (const kind of READ_WORDS.get(word) ?? []) open.delete(kind);
  }
  return open;
}

/** The open writes as `insert` or `create table`; words that name no write are left out. */
export function openWrites(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.map(wordOf).filter(isWrite));
}

function isWrite(word: string): boolean {
  return WRITE_VERBS.some((verb) => word === verb || word.startsWith(`${verb} `));
}

/** What was written in vain, each with what to write instead. */
export function policyWarnings(policy: PolicyWords): string[] {
  const { allowed_sql_commands: commands, sql_statement_permissions: permissions } = policy;
  const known = [...READ_WORDS.keys()];
  const warnings: string[] = [];
  for (const written of permissions.length > 0 ? [] : commands) {
    const word = wordOf(written);
    if (READ_WORDS.has(word)) continue;
    warnings.push(`policy.allowed_sql_commands: ${shown(written)} opens nothing${reason(word, known)}`);
  }
  for (const { statement, allowed } of permissions) {
    const word = wordOf(statement);
    const isKnown = READ_WORDS.has(word) || (NEVER_READS.has(word) && !allowed);
    if (!isKnown)
      warnings.push(`policy.sql_statement_permissions: ${shown(statement)} opens nothing${reason(word, known)}`);
  }
  if (permissions.some(({ statement, allowed }) => allowed && wordOf(statement) === 'all')) {
    warnings.push(
      'policy.sql_statement_permissions: All opens every kind of read; writes need policy.write_sql_commands',
    );
  }
  for (const written of policy.write_sql_commands) {
    if (isWrite(wordOf(written))) continue;
    warnings.push(
      `policy.write_sql_commands: ${shown(written)} opens nothing${suggestion(wordOf(written), WRITE_VERBS)}`,
    );
  }
  return warnings;
}

function shown(written: string): string {
  return JSON.stringify(written.slice(0, 40));
}

function reason(word: string, known: readonly string[]): string {
  if (isWrite(word) || word === 'truncatetable') return '; writes are opened by policy.write_sql_commands';
  return NEVER_READS.has(word) ? '; it is never allowed' : suggestion(word, known);
}

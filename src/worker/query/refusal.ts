/** Why the gate refuses a statement, each reason with what to do about it. */

import type { REFUSAL_REASONS } from '../../shared/metrics.ts';

const NEXT: Readonly<Record<RefusalReason, string>> = {
  empty: 'Send one statement.',
  'multiple-statements': 'Send the statements one by one.',
  'statement-kind': 'Only reads are allowed: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN (policy.allowed_sql_commands).',
  'write-kind': 'The operator opens kinds of writes with policy.write_sql_commands.',
  scripting: 'Send the queries of the block one by one; scripting, CALL and EXECUTE are not allowed.',
  'put-get': 'PUT and GET move files of the server and are never allowed.',
  write: 'Only reads are allowed; take the part that writes out of the statement.',
  syntax: 'Write the statement without this construct.',
  function: 'Use built-in functions; the operator can allow others with policy.allowed_functions.',
  'ai-function': 'The operator can allow AI functions with policy.ai_functions.',
  'result-scan':
    'Sessions are shared, so earlier results are out of reach: send the query again, or chain steps: SHOW TABLES ->> SELECT .. FROM $1.',
  'dynamic-name': 'Write the name of the table or column out.',
  stage: 'Query a table; the operator can allow staged files with policy.stage_reads.',
  object:
    'Use objects that policy.allowed_objects and policy.denied_objects let through, and write names as DATABASE.SCHEMA.NAME.',
  'too-long': 'Shorten the statement; long lists belong in a table to join with.',
  'too-many-tokens': 'Shorten the statement; long lists belong in a table to join with.',
  'too-deep': 'Nest less: use common table expressions, and IN (..) in place of long OR chains.',
  'unicode-space': 'Use plain spaces and line ends outside of strings.',
  character: 'Remove the character, or put it into a string or a quoted name.',
  ambiguous: 'Write it so that it can be read in one way only: spaces around strings, no $$ in names, plain comments.',
  unparseable: 'Check the syntax; if it is correct, write it with simpler constructs.',
  'parser-unavailable': 'Try again in a moment; if it persists, restart the workers.',
};

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface Refusal {
  readonly verdict: 'refuse';
  readonly reason: RefusalReason;
  /** Short words about the statement: never its literals, at most a verb, a function or a name it uses. */
  readonly detail: string;
  readonly next: string;
}

export function refuse(reason: RefusalReason, detail: string): Refusal {
  return { verdict: 'refuse', reason, detail, next: NEXT[reason] };
}

/**
 * What the gate may let through, and the words it answers with.
 *
 * PUT and GET are refused whatever the policy says, because the driver itself would carry them out on this machine's files.
 */
import { openReads, openWrites, type Permission, type ReadKind } from '../../shared/config/policy-words.ts';
import { tokenize } from '../../shared/sql/lexer.ts';
import { splitTokens } from '../../shared/sql/statements.ts';
import { nameKey } from './names.ts';
import { type ObjectPolicy, OPEN_OBJECTS, objectPolicy, type Reference } from './objects.ts';
import type { Refusal } from './refusal.ts';

export type StatementKind = ReadKind;

export interface GatePolicy {
  readonly allowedKinds: ReadonlySet<StatementKind>;
  /** Verbs, or verb and type (`create table`), that `checkWrite` lets through. */
  readonly allowedWrites: ReadonlySet<string>;
  /** Names as `nameKey` writes them: functions of the owner's that statements may call. */
  readonly allowedFunctions: ReadonlySet<string>;
  /** AI_* and SNOWFLAKE.CORTEX functions, which cost credits. */
  readonly aiFunctions: boolean;
  /** `FROM @stage`. */
  readonly stageReads: boolean;
  readonly objects: ObjectPolicy;
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
  allowedWrites: new Set<string>(),
  allowedFunctions: new Set<string>(),
  aiFunctions: false,
  stageReads: false,
  objects: OPEN_OBJECTS,
  maxLength: 64 * 1024,
  maxTokens: 10_000,
  maxDepth: 100,
  maxChain: 400,
  cacheEntries: 1000,
};

interface PolicySection {
  readonly allowed_sql_commands: readonly string[];
  readonly sql_statement_permissions: readonly Permission[];
  readonly write_sql_commands: readonly string[];
  readonly allowed_functions: readonly string[];
  readonly ai_functions: boolean;
  readonly stage_reads: boolean;
  readonly allowed_objects: readonly string[];
  readonly denied_objects: readonly string[];
}

interface LimitsSection {
  readonly max_sql_length: number;
  readonly max_sql_tokens: number;
  readonly max_sql_depth: number;
}

/** The policy that the sections `policy` and `limits` of the configuration ask for. */
export function gatePolicy(policy: PolicySection, limits: LimitsSection): GatePolicy {
  return {
    ...DEFAULT_POLICY,
    allowedKinds: openReads(policy.allowed_sql_commands, policy.sql_statement_permissions),
    allowedWrites: openWrites(policy.write_sql_commands),
    allowedFunctions: new Set(policy.allowed_functions.map(functionKey)),
    aiFunctions: policy.ai_functions,
    stageReads: policy.stage_reads,
    objects: objectPolicy({ allowed: policy.allowed_objects, denied: policy.denied_objects }),
    maxLength: limits.max_sql_length,
    maxTokens: limits.max_sql_tokens,
    maxDepth: limits.max_sql_depth,
  };
}

function functionKey(written: string): string {
  return nameKey(
    splitTokens(written, tokenize(written), '.').flatMap((part) => part.tokens.map((token) => token.value)),
  );
}

interface Permitted {
  readonly verdict: 'allow';
  /** Of the segment whose rows are the result. */
  readonly kind: StatementKind;
  /** One per `->>` segment. */
  readonly segments: readonly StatementKind[];
  /** Tables and views that the SELECT parts name, as `nameKey` writes them: for audit. */
  readonly objects: readonly string[];
  /** All that the statement names, for the object lists. */
  readonly references: readonly Reference[];
}

export type Decision = Permitted | Refusal;

/** What `checkWrite` answers for a statement that may be sent. */
interface WritePermitted {
  readonly verdict: 'allow';
  /** The verb in lower case. */
  readonly kind: string;
  readonly objects: readonly string[];
}

export type WriteDecision = WritePermitted | Refusal;

/**
 * The lexer's half of the gate: what kind of statement each `->>` segment is, and whether its words alone forbid it.
 *
 * It decides SHOW, DESCRIBE, EXPLAIN prefixes, LIST and USE by itself. A SELECT passes here only to be parsed next: both
 * have to say that it reads.
 */
import { firstVerbAt, isOp, type Statement, splitTokens } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import { checkCalls } from './calls.ts';
import { READ_SYSTEM } from './functions.ts';
import { checkMarks, checkSize } from './marks.ts';
import { nameInText } from './names.ts';
import type { Reference } from './objects.ts';
import type { GatePolicy, StatementKind } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';
import { checkDescribe, checkList, checkShow, checkUse, describeReferences, showReferences } from './show.ts';

export interface Segment {
  readonly kind: StatementKind;
  /** The query to parse; undefined where the words decided. */
  readonly query?: Statement;
  /** What its words name; the tables of a query are in its tree. */
  readonly references: readonly Reference[];
}

/** The segments of the one statement in `sql`, or why it is refused. `tokens` are those of `sql`. */
export function readStatement(sql: string, tokens: readonly Token[], policy: GatePolicy): Segment[] | Refusal {
  const faulty = checkMarks(sql, tokens);
  if (faulty !== undefined) return faulty;
  const statements = splitTokens(sql, tokens, ';');
  const [statement, second] = statements;
  for (const { tokens: inside } of statements) {
    const word = inside[0]?.kind === 'word' ? inside[0].value : '';
    if (word === 'PUT' || word === 'GET') return refuse('put-get', word);
    if (SCRIPTING.has(word)) return refuse('scripting', word);
  }
  if (statement === undefined) return refuse('empty', 'there is no statement');
  if (second !== undefined) return refuse('multiple-statements', `${statements.length} statements`);
  const large = checkSize(tokens, policy);
  if (large !== undefined) return large;

  const parts = splitTokens(sql, statement.tokens, '->>');
  const joints = statement.tokens.filter((token) => isOp(token, '->>')).length;
  if (parts.length !== joints + 1) return refuse('unparseable', 'an empty part beside ->>');
  const segments: Segment[] = [];
  for (const part of parts) {
    const segment = readSegment(part, policy);
    if ('verdict' in segment) return segment;
    segments.push(segment);
  }
  if (segments.slice(0, -1).some(({ kind }) => kind === 'show' || kind === 'describe')) {
    return segments.map((segment) => ({ ...segment, references: [...segment.references, HIDDEN_LIST] }));
  }
  return segments;
}

/** A list of objects that a later step reads cannot be filtered any more. */
const HIDDEN_LIST: Reference = { of: 'unknown', what: 'SHOW or DESCRIBE before ->>' };

function readSegment(part: Statement, policy: GatePolicy): Segment | Refusal {
  const { tokens } = part;
  if (!isBalanced(tokens)) return refuse('unparseable', 'parentheses do not match');
  const verbAt = firstVerbAt(tokens);
  const verb = tokens[verbAt]?.value ?? '';
  const kind = KINDS[verb];
  if (kind === undefined) return refuseVerb(tokens, verbAt, verb);
  if (kind !== 'select' && verbAt !== 0) return refuse('statement-kind', `${verb} inside another statement`);
  if (!policy.allowedKinds.has(kind)) return refuse('statement-kind', verb);
  const faulty = checkWords(tokens, kind, policy);
  if (faulty !== undefined) return faulty;
  if (kind === 'select') return checkCalls(tokens, policy) ?? { kind, query: part, references: wordReferences(tokens) };
  if (kind === 'explain') return readExplain(part, policy);
  const check = { show: checkShow, describe: checkDescribe, list: checkList, use: checkUse }[kind];
  const references = kind === 'show' ? showReferences(tokens) : kind === 'describe' ? describeReferences(tokens) : [];
  return check(tokens) ?? { kind, references: [...references, ...wordReferences(tokens)] };
}

const KINDS: Readonly<Record<string, StatementKind>> = {
  SELECT: 'select',
  VALUES: 'select',
  SHOW: 'show',
  DESCRIBE: 'describe',
  DESC: 'describe',
  EXPLAIN: 'explain',
  LIST: 'list',
  LS: 'list',
  USE: 'use',
};

const SCRIPTING = new Set([
  'BEGIN',
  'DECLARE',
  'EXECUTE',
  'CALL',
  'LET',
  'RETURN',
  'IF',
  'FOR',
  'WHILE',
  'LOOP',
  'REPEAT',
]);

const WRITE_VERBS = new Set(
  (
    'ALTER CALL COMMENT COMMIT COPY CREATE DELETE DROP EXECUTE GRANT INSERT MERGE PUT REMOVE RENAME REPLACE REVOKE RM ' +
    'ROLLBACK SET TRUNCATE UNDROP UNSET UPDATE BEGIN START EXPORT IMPORT SAVE REFRESH RESUME SUSPEND ABORT ATTACH DETACH PRAGMA INSTALL LOAD'
  ).split(' '),
);

function refuseVerb(tokens: readonly Token[], verbAt: number, verb: string): Refusal {
  if (verb === 'WITH') {
    const isProcedure = tokens.some((token, at) => token.value === 'AS' && tokens[at + 1]?.value === 'PROCEDURE');
    return isProcedure ? refuse('scripting', 'a procedure in WITH') : refuse('unparseable', 'the list after WITH');
  }
  if (WRITE_VERBS.has(verb)) return refuse('statement-kind', verb);
  return refuse('statement-kind', verbAt === -1 ? 'it begins with no word' : 'it begins with no known verb');
}

/** EXPLAIN [USING TABULAR|JSON|TEXT] query: the query is judged as if it were to run. */
function readExplain(part: Statement, policy: GatePolicy): Segment | Refusal {
  const { tokens } = part;
  const hasFormat = tokens[1]?.value === 'USING' && /^(TABULAR|JSON|TEXT)$/.test(tokens[2]?.value ?? '');
  const inner = tokens.slice(hasFormat ? 3 : 1);
  const start = inner[0]?.start;
  if (start === undefined) return refuse('unparseable', 'EXPLAIN of nothing');
  const verbAt = firstVerbAt(inner);
  const verb = inner[verbAt]?.value ?? '';
  if (KINDS[verb] !== 'select') return refuseVerb(inner, verbAt, verb);
  const text = part.text.slice(start - part.start);
  const query: Statement = { text, start, end: part.end, tokens: inner };
  return (
    checkWords(inner, 'select', policy) ??
    checkCalls(inner, policy) ?? { kind: 'explain', query, references: wordReferences(inner) }
  );
}

/** Functions that tell of an object whose name they are given as a text. */
const BY_TEXT = new Set(
  (
    'GET_DDL GET_OBJECT_REFERENCES SYSTEM$CLUSTERING_DEPTH SYSTEM$CLUSTERING_INFORMATION SYSTEM$GET_TAG SYSTEM$LAST_CHANGE_COMMIT_TIME ' +
    'SYSTEM$ESTIMATE_SEARCH_OPTIMIZATION_COSTS SYSTEM$STREAM_GET_TABLE_TIMESTAMP SYSTEM$STREAM_HAS_DATA'
  ).split(' '),
);

/** What is named beside the tables of a query: stages, and objects in texts. */
function wordReferences(tokens: readonly Token[]): Reference[] {
  return tokens.flatMap((token, at): Reference[] => {
    if (token.kind === 'stage') return [{ of: 'unknown', what: 'a stage' }];
    if (token.kind !== 'word' || !BY_TEXT.has(token.value) || !isOp(tokens[at + 1], '(')) return [];
    const isDdl = token.value === 'GET_DDL';
    const isTable = !isDdl || /^(TABLE|VIEW|DYNAMIC_TABLE|SEMANTIC_VIEW|STREAM)$/i.test(tokens[at + 2]?.value ?? '');
    const name = tokens[isDdl ? at + 4 : at + 2];
    const ends = isOp(tokens[isDdl ? at + 5 : at + 3], ',') || isOp(tokens[isDdl ? at + 5 : at + 3], ')');
    const parts = name?.kind === 'string' && ends ? nameInText(name.value) : undefined;
    const isPlain = isTable && parts !== undefined && !/^(GET_OBJECT_REFERENCES|SYSTEM\$GET_TAG)$/.test(token.value);
    return [isPlain ? { of: 'object', parts } : { of: 'unknown', what: token.value }];
  });
}

/** The first name or mark that neither a read nor a write needs, if any. */
export function checkNames(tokens: readonly Token[]): Refusal | undefined {
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'stage') return refuse('stage', 'a stage');
    if (token.kind === 'op' && token.text === '!') return refuse('function', 'a method call');
    if (token.kind === 'op' && token.text === ':=') return refuse('scripting', ':=');
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    const refusal = checkName(token, tokens[at - 1], tokens[at + 1]);
    if (refusal !== undefined) return refusal;
  }
  return isBalanced(tokens) ? undefined : refuse('unparseable', 'parentheses do not match');
}

/** Words and marks that no read needs, wherever they stand. */
function checkWords(tokens: readonly Token[], kind: StatementKind, policy: GatePolicy): Refusal | undefined {
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    const before = tokens[at - 1];
    const after = tokens[at + 1];
    if (token.kind === 'stage') {
      const isAllowed = kind === 'list' || policy.stageReads;
      if (!isAllowed || /\/\/|\/\*|--/.test(token.text)) return refuse('stage', 'a stage');
    } else if (token.kind === 'string') {
      if (kind === 'select' && isTableOpener(before)) return refuse('stage', 'a quoted location in place of a table');
    } else if (token.kind === 'op') {
      if (token.text === '!') return refuse('function', 'a method call');
      if (token.text === ':=') return refuse('scripting', ':=');
    } else if (token.kind === 'word' || token.kind === 'quoted') {
      const refusal =
        checkName(token, before, after) ?? (kind === 'select' ? checkVerb(token, before, after) : undefined);
      if (refusal !== undefined) return refusal;
    }
  }
  return undefined;
}

function isTableOpener(token: Token | undefined): boolean {
  return token?.kind === 'word' && (token.value === 'FROM' || token.value === 'JOIN');
}

/** Names that act by being called or read, quoted or not. */
function checkName(token: Token, before: Token | undefined, after: Token | undefined): Refusal | undefined {
  const name = token.value.toUpperCase();
  if (name.startsWith('SYSTEM$') && !READ_SYSTEM.has(token.value)) {
    return refuse('function', /^[A-Z0-9_$]{1,80}$/.test(name) ? name : 'SYSTEM$');
  }
  if (name === 'NEXTVAL' && isOp(before, '.')) return refuse('function', 'NEXTVAL');
  if (isOp(after, '(') && (name === 'IDENTIFIER' || name === 'TO_QUERY')) return refuse('dynamic-name', name);
  return undefined;
}

/** Verbs that write, where a statement could begin. */
function checkVerb(token: Token, before: Token | undefined, after: Token | undefined): Refusal | undefined {
  if (token.kind !== 'word') return undefined;
  if (token.value === 'INTO' && !isOp(before, '.')) return refuse('write', 'INTO');
  if (token.value === 'UPDATE' && before?.kind === 'word' && before.value === 'FOR')
    return refuse('write', 'FOR UPDATE');
  if (!isOp(before, '(')) return undefined;
  if (isOp(after, ')')) return WHOLE_STATEMENTS.has(token.value) ? refuse('write', token.value) : undefined;
  const isVerb = WRITE_VERBS.has(token.value) || OTHER_VERBS.has(token.value);
  if (!isVerb || after === undefined || after.kind === 'op') return undefined;
  return after.kind === 'word' && EXPRESSION.has(after.value) ? undefined : refuse('write', token.value);
}

/** Verbs that write nothing but cannot stand inside a query either. */
const OTHER_VERBS = new Set(
  'ANALYZE DECLARE DESC DESCRIBE DO EXEC EXPLAIN GET LET LIST LOCK LS RETURN SHOW SUMMARIZE USE VACUUM'.split(' '),
);
const WHOLE_STATEMENTS = new Set(['BEGIN', 'COMMIT', 'ROLLBACK']);

/** What may follow a column in an expression, or a table in a join. */
const EXPRESSION = new Set(
  (
    'AND AS ASC BETWEEN COLLATE DESC ESCAPE IGNORE ILIKE IN IS LIKE NOT NULLS OR ORDER OVER REGEXP RESPECT RLIKE ' +
    'ASOF CROSS FULL INNER JOIN LEFT NATURAL RIGHT'
  ).split(' '),
);

function isBalanced(tokens: readonly Token[]): boolean {
  const open: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'op') continue;
    const close = { '(': ')', '[': ']', '{': '}' }[token.text];
    if (close !== undefined) open.push(close);
    else if (')]}'.includes(token.text) && open.pop() !== token.text) return false;
  }
  return open.length === 0;
}

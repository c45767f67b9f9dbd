/**
 * The grammar of SHOW, DESCRIBE, LIST and USE: small enough to be held word by word, so the parser is not asked.
 *
 * A name may stand only where the grammar takes one; anything else, a query above all, is refused.
 */
import { isOp } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import { isName, readName } from './names.ts';
import type { Reference } from './objects.ts';
import { type Refusal, refuse } from './refusal.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Plurals and other words of what can be shown, and of how. */
const SHOW_WORDS = words(`
ACCESS ACCOUNT ACCOUNTS ACTIVE AGENTS AGGREGATION ALERTS ALL APPLICATION APPLICATIONS ARTIFACT AUTHENTICATION
AUTHORIZATIONS AVAILABLE BACKUP BACKUPS BRANCHES BY CATALOG CERTIFICATES CHANNELS CLASS CLASSES COLUMNS COMPUTE CONNECTIONS CONTACTS CORTEX
DATA DATABASE DATABASES DATASETS DELEGATED DIMENSIONS DYNAMIC ENDPOINTS EVENT EXPERIMENTS EXPORTED EXTERNAL FACTS
FAILOVER FEATURE FILE FOR FORMATS FUNCTION FUNCTIONS FUTURE GATEWAYS GIT GLOBAL GRANTS GROUP GROUPS HISTORY HYBRID
ICEBERG IMAGE IMPORTED IN INDEXES INSTANCES INTEGRATION INTEGRATIONS INTERACTIVE JOB JOIN KEYS LISTING LISTINGS LOCKS MANAGED
MASKING MATERIALIZED MCP METRIC METRICS MODEL MODELS MONITORS NETWORK NOTEBOOK NOTEBOOKS NOTIFICATION OBJECTS OF
OFFERS ON OPENFLOW ORGANIZATION PACKAGE PACKAGES PACKAGING PARAMETERS PASSWORD PIPE PIPES POLICIES POLICY POOL POOLS
PRICING PRIMARY PRIVACY PRIVILEGES PROCEDURE PROCEDURES PROFILES PROJECTION PROJECTS PROVISIONED PUBLISHED RECORDING
REGIONS RELEASE REPLICATION REPOSITORIES REPOSITORY RESOURCE ROLE ROLES ROW RULE RULES RUN SCHEMA SCHEMAS SEARCH
SECRETS SECURITY SEMANTIC SEQUENCE SEQUENCES SERVERS SERVICE SERVICES SESSION SET SETS SHARE SHARED SHARES SNAPSHOT SNAPSHOTS SPECS
STAGE STAGES STORAGE STREAM STREAMLITS STREAMS TABLE TABLES TAG TAGS TASK TASKS TERSE THREAT THREATS TO TRANSACTIONS
UNIQUE USER USERS VARIABLES VERSIONS VIEW VIEWS VOLUMES WAREHOUSE WAREHOUSES WITH WORKSPACES
`);

/** After these a name may stand. */
const BEFORE_NAME = words(`
ACCOUNT AGENT APPLICATION CLASS DATABASE EXTERNAL FOR FUNCTION GROUP IN INTEGRATION LISTING METRIC MODEL OF ON PACKAGE PIPE
POLICY POOL PROCEDURE REPOSITORY ROLE RULE SCHEMA SEQUENCE SERVICE SET SHARE STAGE STREAM TABLE TAG TASK TO USER VIEW
WAREHOUSE
`);

/** SHOW [TERSE] <objects> [LIKE ..] [IN ..] [STARTS WITH ..] [LIMIT n [FROM ..]], and the forms of SHOW GRANTS. */
export function checkShow(tokens: readonly Token[]): Refusal | undefined {
  const bad = (): Refusal => refuse('syntax', 'a part of SHOW that is not known');
  if (tokens[1]?.kind !== 'word' || !SHOW_WORDS.has(tokens[1].value))
    return refuse('statement-kind', 'this kind of SHOW');
  for (let at = 1; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    const before = tokens[at - 1];
    const afterName = isOp(before, '.') || (before?.kind === 'word' && BEFORE_NAME.has(before.value));
    if (token.kind === 'string') {
      if (!STRING_AFTER.has(before?.value ?? '')) return bad();
    } else if (token.kind === 'number') {
      if (before?.value !== 'LIMIT') return bad();
    } else if (isOp(token, '(')) {
      const end = endOfSignature(tokens, at);
      if (end === -1) return bad();
      at = end;
    } else if (isOp(token, '.')) {
      if (!isName(before) && !isOp(before, '.')) return bad();
    } else if (!isName(token) || !(afterName || isShowWord(token, tokens[at + 1], before))) return bad();
  }
  return undefined;
}

const STRING_AFTER = words('LIKE WITH FROM');

function isShowWord(token: Token, after: Token | undefined, before: Token | undefined): boolean {
  if (token.kind !== 'word') return false;
  if (token.value === 'LIKE') return after?.kind === 'string';
  if (token.value === 'STARTS') return after?.value === 'WITH';
  if (token.value === 'LIMIT') return after?.kind === 'number';
  if (token.value === 'FROM') return before?.kind === 'number' && after?.kind === 'string';
  return SHOW_WORDS.has(token.value);
}

const DESCRIBE_WORDS = words(`
ACCESS AGENT ALERT APPLICATION AUTHENTICATION CATALOG COMPUTE CONFIGURATION CONTACT CORTEX DATABASE DYNAMIC EVENT
EXTERNAL FILE FORMAT FUNCTION GATEWAY GIT HYBRID ICEBERG IMAGE INTEGRATION LISTING MASKING MATERIALIZED MCP MODEL
NETWORK NOTEBOOK NOTIFICATION ORGANIZATION PACKAGE PASSWORD PIPE POLICY POOL PRIVACY PROCEDURE PROFILE PROJECTION
REPOSITORY ROW RULE SCHEMA SEARCH SECRET SECURITY SEMANTIC SEQUENCE SERVER SERVICE SESSION SHARE SNAPSHOT STAGE STREAM
STREAMLIT TABLE TASK TRANSACTION USER VIEW VOLUME WAREHOUSE
`);

/** DESC[RIBE] [<type>] name [(types)] [TYPE = COLUMNS|STAGE], and DESC TRANSACTION n. */
export function checkDescribe(tokens: readonly Token[]): Refusal | undefined {
  const bad = refuse('syntax', 'a part of DESCRIBE that is not known');
  if (tokens[1]?.value === 'RESULT' && tokens[2]?.value !== undefined && !isOp(tokens[2], '.')) {
    return refuse('result-scan', 'DESCRIBE RESULT');
  }
  if (tokens[1]?.value === 'TRANSACTION' && tokens[2]?.kind === 'number' && tokens.length === 3) return undefined;
  let at = 1;
  while (DESCRIBE_WORDS.has(tokens[at]?.value ?? '') && isName(tokens[at + 1])) at++;
  at = endOfName(tokens, at);
  if (at === -1) return bad;
  if (isOp(tokens[at], '(')) {
    const end = endOfSignature(tokens, at);
    if (end === -1) return bad;
    at = end + 1;
  }
  if (
    tokens[at]?.value === 'TYPE' &&
    isOp(tokens[at + 1], '=') &&
    /^(COLUMNS|STAGE)$/.test(tokens[at + 2]?.value ?? '')
  ) {
    at += 3;
  }
  return at === tokens.length ? undefined : bad;
}

/** LIST @stage [PATTERN = '..'] */
export function checkList(tokens: readonly Token[]): Refusal | undefined {
  const [, stage, pattern, equals, text, ...rest] = tokens;
  const hasPattern = pattern?.value === 'PATTERN' && isOp(equals, '=') && text?.kind === 'string';
  const isWhole = rest.length === 0 && (pattern === undefined || hasPattern);
  return stage?.kind === 'stage' && isWhole ? undefined : refuse('syntax', 'a part of LIST that is not known');
}

/** USE [ROLE|WAREHOUSE|DATABASE|SCHEMA|SECONDARY ROLES] name */
export function checkUse(tokens: readonly Token[]): Refusal | undefined {
  let at = 1;
  if (/^(ROLE|WAREHOUSE|DATABASE|SCHEMA)$/.test(tokens[1]?.value ?? '') && isName(tokens[2])) at = 2;
  else if (tokens[1]?.value === 'SECONDARY' && tokens[2]?.value === 'ROLES') at = 3;
  return endOfName(tokens, at) === tokens.length ? undefined : refuse('syntax', 'a part of USE that is not known');
}

/** The index after a dotted name at `at`, or -1; IDENTIFIER(..) is no name. */
function endOfName(tokens: readonly Token[], at: number): number {
  if (!isName(tokens[at])) return -1;
  let end = at + 1;
  while (isOp(tokens[end], '.')) {
    end++;
    if (isOp(tokens[end], '.')) continue;
    if (!isName(tokens[end])) return -1;
    end++;
  }
  const isDynamic =
    tokens[end - 1]?.kind === 'word' && tokens[end - 1]?.value === 'IDENTIFIER' && isOp(tokens[end], '(');
  return isDynamic ? -1 : end;
}

/** The index of the parenthesis that closes a list of plain types, or -1. */
function endOfSignature(tokens: readonly Token[], open: number): number {
  if (tokens[open - 1]?.kind === 'word' && tokens[open - 1]?.value === 'IDENTIFIER') return -1;
  let at = open + 1;
  while (tokens[at]?.kind === 'word') {
    at++;
    if (!isOp(tokens[at], ',')) break;
    at++;
  }
  return isOp(tokens[at], ')') ? at : -1;
}

/** The places and objects that a SHOW names: after IN or ON, and a type. */
export function showReferences(tokens: readonly Token[]): Reference[] {
  const references: Reference[] = [];
  for (let at = 2; at < tokens.length; at++) {
    const before = tokens[at - 1];
    if (before?.kind !== 'word' || !/^(IN|ON)$/.test(before.value)) continue;
    const word = tokens[at];
    if (word?.kind === 'word' && /^(ACCOUNT|SESSION|APPLICATION|CLASS|ORGANIZATION)$/.test(word.value)) continue;
    let from = at;
    while (
      tokens[from]?.kind === 'word' &&
      DESCRIBE_WORDS.has(tokens[from]?.value ?? '') &&
      !isOp(tokens[from + 1], '.')
    )
      from++;
    const types = tokens.slice(at, from).map((token) => token.value);
    const isOpenEnded = types.length === 0 && before.value === 'IN';
    if (isOpenEnded) references.push({ of: 'unknown', what: 'IN without DATABASE, SCHEMA or TABLE' });
    else references.push(...referencesOf(types, readName(tokens, from)?.parts));
  }
  return references;
}

/** The one object or place that a DESCRIBE names. */
export function describeReferences(tokens: readonly Token[]): Reference[] {
  let at = 1;
  while (DESCRIBE_WORDS.has(tokens[at]?.value ?? '') && isName(tokens[at + 1])) at++;
  const types = tokens.slice(1, at).map((token) => token.value);
  return referencesOf(types, readName(tokens, at)?.parts);
}

/** Objects of the account that hold no rows. */
const ACCOUNT_TYPES =
  /^(WAREHOUSE|USER|ROLE|INTEGRATION|POOL|SHARE|LISTING|VOLUME|MONITOR|POLICY|APPLICATION|PACKAGE)$/;

function referencesOf(types: readonly string[], parts: readonly string[] | undefined): Reference[] {
  const type = types.at(-1);
  if (type !== undefined && ACCOUNT_TYPES.test(type)) return [];
  if (type === 'SCHEMA') return [{ of: 'schema', parts: parts ?? [] }];
  if (parts === undefined) return type === 'DATABASE' ? [] : [{ of: 'unknown', what: 'a place without a name' }];
  return [{ of: type === 'DATABASE' ? 'database' : 'object', parts }];
}

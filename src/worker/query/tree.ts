/**
 * The parser's half of the gate: walks the whole syntax tree of one query and refuses what is not known to read.
 *
 * Every key of the tree that holds something must be on the read list, so a construct that is new to the parser is
 * refused until it has been judged. The root is no verdict: writes can hang below it.
 */
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
import { isVariable } from './parser-text.ts';
import type { GatePolicy } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';

interface Walk {
  readonly policy: GatePolicy;
  /** Tables and views by their key, as parts. */
  readonly tables: Map<string, readonly string[]>;
  /** Names of the common table expressions that can be seen here, which are no objects. */
  readonly visible: ReadonlySet<string>;
  /** Nodes that are written like calls but are clauses of a table: AT(..), BEFORE(..), CHANGES(..). */
  readonly clauses: Set<unknown>;
  /** Calls judged as table functions by the TABLE(..) around them. */
  readonly judged: Set<unknown>;
  /** The SELECT nodes seen. */
  readonly selects: Set<unknown>;
  /** Below a MATCH_RECOGNIZE. */
  readonly inMatch: boolean;
}

type Node = Readonly<Record<string, unknown>>;

/**
 * The tables the query names, or why it is refused. `selects` is how often the lexer sees the reserved word SELECT: when
 * the tree has fewer such nodes, the parser took a query for something else.
 */
export function checkTree(
  statements: readonly unknown[],
  selects: number,
  policy: GatePolicy,
): ReadonlyMap<string, readonly string[]> | Refusal {
  const [root, second] = statements;
  if (second !== undefined) return refuse('multiple-statements', `${statements.length} statements`);
  if (!isNode(root) || !isNode(root.Query) || Object.keys(root).length !== 1) {
    return refuse('statement-kind', 'the parser does not see a query');
  }
  const walk: Walk = {
    policy,
    tables: new Map(),
    visible: new Set(),
    clauses: new Set(),
    judged: new Set(),
    selects: new Set(),
    inMatch: false,
  };
  const refusal = checkNode(root, walk);
  if (refusal !== undefined) return refusal;
  if (walk.selects.size !== selects) return refuse('unparseable', 'the parser does not see every SELECT in it');
  return walk.tables;
}

function checkNode(value: unknown, walk: Walk): Refusal | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const refusal = checkNode(item, walk);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
  if (!isNode(value)) return undefined;
  let scope = walk;
  if (isNode(value.with)) {
    const opened = openScope(value.with, walk);
    if ('verdict' in opened) return opened;
    scope = opened;
  }
  for (const key of Object.keys(value)) {
    const inside = key === 'with' && scope !== walk ? undefined : value[key];
    if (inside === null || inside === undefined || inside === false || key === 'span') continue;
    if (Array.isArray(inside) && inside.length === 0) continue;
    const refusal =
      checkKey(key) ??
      checkMeaning(key, inside, scope) ??
      checkNode(inside, key === 'MatchRecognize' ? { ...scope, inMatch: true } : scope);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Checks the common table expressions of a WITH, and returns the walk for the query they belong to. */
function openScope(clause: Node, walk: Walk): Walk | Refusal {
  const { cte_tables: tables, ...rest } = clause;
  const refusal = checkNode(rest, walk);
  if (refusal !== undefined) return refusal;
  let scope: Walk = { ...walk };
  for (const table of Array.isArray(tables) ? tables : [tables]) {
    if (!isNode(table)) return refuse('syntax', 'a common table expression');
    const own = { ...scope, visible: new Set(scope.visible).add(commonName(table) ?? '') };
    const faulty = clause.recursive === true ? checkRecursive(table, scope, own) : checkNode(table, scope);
    if (faulty !== undefined) return faulty;
    scope = own;
  }
  return scope;
}

/** Only what stands after the UNION ALL of a WITH RECURSIVE may mean the expression itself; elsewhere its name is a table. */
function checkRecursive(table: Node, scope: Walk, own: Walk): Refusal | undefined {
  const { query, ...outer } = table;
  if (!isNode(query) || !isNode(query.body) || !isNode(query.body.SetOperation)) return checkNode(table, scope);
  const { body, ...around } = query;
  const { SetOperation: operation, ...beside } = body as Node;
  const { right, ...anchor } = operation as Node;
  if (anchor.op !== 'Union' || anchor.set_quantifier !== 'All') return checkNode(table, scope);
  return checkNode([outer, around, beside, anchor], scope) ?? checkNode({ right }, own);
}

function checkKey(key: string): Refusal | undefined {
  if (READ_KEYS.has(key)) return undefined;
  return WRITE_KEYS.has(key) ? refuse('write', key.toUpperCase()) : refuse('syntax', `the construct ${key}`);
}

function checkMeaning(key: string, inside: unknown, walk: Walk): Refusal | undefined {
  if (!isNode(inside)) return undefined;
  switch (key) {
    case 'Function':
      return checkFunction(inside, !('uses_odbc_syntax' in inside), walk);
    case 'Table':
      // No common table expression has a past: what is read at a time is a table of that name.
      return isNode(inside.args)
        ? checkCall(inside.name, true, walk)
        : addTable(inside.name, !isNode(inside.version), walk);
    case 'Select':
      walk.selects.add(inside);
      return undefined;
    case 'alias':
      if (isReserved(inside.name ?? inside)) return refuse('unparseable', 'a reserved word in place of an alias');
      return isTyped(inside.columns) ? refuse('syntax', 'a type in the columns of an alias') : undefined;
    case 'version':
      return checkVersion(inside, walk);
    case 'SemanticView':
      return addTable(inside.name, false, walk);
    case 'TableFunction': {
      const call = isNode(inside.expr) ? inside.expr.Function : undefined;
      if (!isNode(call)) return refuse('dynamic-name', 'TABLE of no function');
      walk.judged.add(call);
      return checkCall(call.name, true, walk);
    }
    default:
      return undefined;
  }
}

/** The parser takes words for aliases that Snowflake keeps for itself: what it then calls a name is something else there. */
function isReserved(alias: unknown): boolean {
  if (!isNode(alias) || typeof alias.value !== 'string') return false;
  return typeof alias.quote_style !== 'string' && RESERVED.has(alias.value.toUpperCase());
}

function isTyped(columns: unknown): boolean {
  return Array.isArray(columns) && columns.some((column) => isNode(column) && isNode(column.data_type));
}

/** In a table's name a function stands for IDENTIFIER(..), which has one name, not a list of parts. */
function checkFunction(call: Node, isTable: boolean, walk: Walk): Refusal | undefined {
  if (walk.clauses.has(call) || walk.judged.has(call)) return undefined;
  if (!Array.isArray(call.name)) return refuse('dynamic-name', 'a call in place of a name');
  return checkCall(call.name, isTable, walk);
}

/** Time travel and change tracking of a table: `{ Function: call }` or `{ Changes: { changes: call, at: call } }`. */
function checkVersion(version: Node, walk: Walk): Refusal | undefined {
  const changes = isNode(version.Changes) ? version.Changes : {};
  const wrappers = [version, version.Function, changes.changes, changes.at, changes.end];
  for (const wrapper of wrappers) {
    const call = isNode(wrapper) ? wrapper.Function : undefined;
    if (!isNode(call)) continue;
    const name =
      'name' in call
        ? nameParts(call.name)
            ?.map((part) => part.value)
            .join('.')
        : 'AT';
    if (!/^(AT|BEFORE|CHANGES|END)$/.test(name ?? '')) return refuse('syntax', 'a table version');
    walk.clauses.add(call);
  }
  return undefined;
}

function checkCall(name: unknown, isTable: boolean, walk: Walk): Refusal | undefined {
  const parts = nameParts(name);
  if (parts === undefined) return refuse('dynamic-name', 'a call in place of a name');
  const values = parts.map((part) => part.value);
  const key = nameKey(values);
  if (walk.policy.allowedFunctions.has(key)) return undefined;
  const shown = /^[A-Z0-9_$.]{1,120}$/.test(key) ? key : 'a function with a quoted name';
  // Of an INFORMATION_SCHEMA's functions the database may have any name.
  const isOfDatabase = isTable && parts.length === 3 && values[1] === 'INFORMATION_SCHEMA';
  if (parts.slice(isOfDatabase ? 1 : 0).some((part) => part.quoted)) return refuse('function', shown);
  if (isAi(values)) {
    if (!walk.policy.aiFunctions || isTable) return refuse('ai-function', shown);
    return AI_FUNCTIONS.has(key) ? undefined : refuse('function', shown);
  }
  if (isTable) {
    if (!isTableFunction(values)) return refuse('function', shown);
    // What tells of objects stands in INFORMATION_SCHEMA, and is allowed as its views are.
    if (values.length > 1) walk.tables.set(key, values);
    return undefined;
  }
  const isRead = BUILT_IN.has(key) || READ_SYSTEM.has(key) || (walk.inMatch && MATCH_FUNCTIONS.has(key));
  return isRead ? undefined : refuse('function', shown);
}

function isTableFunction(values: readonly string[]): boolean {
  const last = values.at(-1) ?? '';
  if (values.length === 1) return TABLE_FUNCTIONS.has(last);
  return values.length <= 3 && values.at(-2) === 'INFORMATION_SCHEMA' && INFORMATION_SCHEMA_FUNCTIONS.has(last);
}

interface Part {
  /** Upper case unless quoted, as Snowflake folds it. */
  readonly value: string;
  readonly quoted: boolean;
}

/** The parts of a dotted name, or undefined when one is not a plain name. */
function nameParts(name: unknown): Part[] | undefined {
  if (!Array.isArray(name)) return undefined;
  const parts: Part[] = [];
  for (const item of name) {
    const ident = isNode(item) ? item.Identifier : undefined;
    if (!isNode(ident) || typeof ident.value !== 'string') return undefined;
    const quoted = typeof ident.quote_style === 'string';
    if (quoted && ident.quote_style !== '"') return undefined;
    parts.push({ value: quoted ? ident.value : ident.value.toUpperCase(), quoted });
  }
  return parts;
}

function addTable(name: unknown, mayBeCommon: boolean, walk: Walk): Refusal | undefined {
  const parts = nameParts(name);
  const [first] = parts ?? [];
  if (parts === undefined || first === undefined) return refuse('dynamic-name', 'a table without a plain name');
  if (first.value.startsWith('@')) {
    return walk.policy.stageReads && !first.quoted ? undefined : refuse('stage', 'a stage');
  }
  const values = parts.map((part) => part.value);
  const key = nameKey(values);
  const isCommon = mayBeCommon && values.length === 1 && walk.visible.has(key);
  if (!isCommon && !isVariable(first.value)) walk.tables.set(key, values);
  return undefined;
}

function commonName(table: Node): string | undefined {
  if (!isNode(table.alias) || !isNode(table.alias.name)) return undefined;
  const parts = nameParts([{ Identifier: table.alias.name }]);
  return parts === undefined ? undefined : nameKey(parts.map((part) => part.value));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Words that Snowflake takes for no name without quotes (its reference, "Reserved & limited keywords"). */
const RESERVED = words(
  'ALL ALTER AND AS BETWEEN BY CREATE DELETE DISTINCT DROP ELSE EXISTS FROM GRANT GROUP HAVING IN INSERT INTERSECT INTO IS LIKE ' +
    'MINUS NOT NULL ON OR ORDER QUALIFY REVOKE SELECT SET TABLE THEN UNION UPDATE VALUES WHERE WITH',
);

/** Nodes that change something; any other key that is missing below is refused too. */
const WRITE_KEYS = words('Insert Update Delete Merge into locks');

/** Node kinds (capital letter) and fields of the tree that a read may have. */
const READ_KEYS = words(`
AfterTableAlias All AllOp AllRows Alternation Anti Any AnyOp Array AsOf AtLeast AtMost AtTimeZone BeforeTableAlias
Between BigInt Binary BinaryOp Boolean Bracket Case Cast Ceil Changes Char CharVarying Character CharacterVarying
Collate Colon ColonBracket CompoundFieldAccess CompoundIdentifier Concat ConnectBy Constant CrossJoin Cube Custom
DateTimeField Datetime Dec Decimal Derived Dictionary DollarQuotedString Dot Double Exactly Exclude Exists Expr
ExprNamed ExprWithAlias Expressions Extract Fetch Float Floor Following FullOuter Function Group GroupingSets
HexStringLiteral ILike Identifier IgnoreOrRespectNulls InList InSubquery Index Inner Int Integer IntegerLength
Interval IsDistinctFrom IsFalse IsNotDistinctFrom IsNotFalse IsNotNull IsNotTrue IsNotUnknown IsNull IsTrue IsUnknown
Join JsonAccess Lambda Left LeftAnti LeftOuter LeftSemi Like LimitOffset List Many Map MatchRecognize Multiple Named
NamedWindow Nested NestedJoin Number Numeric Nvarchar ObjectName OffsetCommaLimit On One OrderBy OuterJoin Overlay
Permute Pivot Placeholder Position Preceding Precision PrecisionAndScale Prefixed Prior QualifiedWildcard Query RLike
Range Repetition Right RightAnti RightOuter RightSemi Rollup Row Scale Select SemanticView Semi SetOperation Simple
Single SingleQuotedString Slice SmallInt SquareBracket StartWith String Struct Subquery Subscript Substring Symbol
Table TableFunction Time Timestamp TimestampNtz TinyInt ToFirst ToLast Trim Tuple TypedString UnaryOp
UnicodeStringLiteral Unnamed UnnamedExpr Unpivot Using Value Values Varbinary Varchar Week Wildcard WildcardWithOptions WindowSpec Word
after_match_skip aggregate_functions alias any arg args array as_keyword asc at body bucket case_token changes clauses
closing_paren_token closing_token collation column_name columns compare_op condition conditions connect_by
connect_token constraint content cte_tables data_type default_on_null definition dimensions distinct
duplicate_treatment elem else_result end end_bound end_token escape_char explicit expr facts fetch field fields flavor
format fractional_seconds_precision from group_by having high ident in index items join_operator joins key keyword
kind last_field lateral leading_field leading_precision left length limit limit_clause list low lower_bound
match_condition measures metrics modifier name named named_window negated null_inclusion null_treatment nulls_first
offset op opening_token operand operator opt_exclude opt_ilike opt_rename opt_replace options order_by order_by_all
over overlay_for overlay_from overlay_what parameters params parenthesized partition_by path pattern percent prefix
projection qualify quantity query quote_style quoted recursive regexp relation relationships result right root row
rows rows_per_match sample seed select_token selection set_quantifier shorthand special start_bound start_token stride
subquery subscript substring_for substring_from symbol symbols syntax table table_with_joins token top
top_before_distinct trim_characters trim_what trim_where unit units upper_bound uses_odbc_syntax value value_column
value_source version where_clause wildcard_token window_before_qualify window_frame with with_ties with_token
within_group
`);

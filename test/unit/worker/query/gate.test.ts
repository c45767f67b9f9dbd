import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { createGate, type Gate } from '../../../../src/worker/query/gate.ts';
import { DEFAULT_POLICY, type GatePolicy, gatePolicy } from '../../../../src/worker/query/policy.ts';
import { readCorpus } from '../../../support/corpus.ts';

async function openGate(changes: Partial<GatePolicy> = {}): Promise<Gate> {
  const gate = createGate({ ...DEFAULT_POLICY, ...changes });
  await gate.warm();
  return gate;
}

/** The policy of a configuration file with that section. */
function policyOf(section: Readonly<Record<string, unknown>>): GatePolicy {
  const { policy, limits } = configSchema.parse({ policy: section });
  return gatePolicy(policy, limits);
}

/** `allow` or the reason of the refusal. */
const verdictOf = (gate: Gate, sql: string): string => {
  const decision = gate.check(sql);
  return decision.verdict === 'allow' ? 'allow' : decision.reason;
};

test('gate: every statement of the refuse corpus is refused', async () => {
  const gate = await openGate();
  const statements = readCorpus('refuse.sql');
  expect(statements.length).toBeGreaterThanOrEqual(1340);
  expect(statements.filter((sql) => gate.check(sql).verdict === 'allow')).toEqual([]);
});

test('gate: AI functions when on open no other name that looks like one, and nothing that writes or reads by a text', async () => {
  const gate = await openGate({ aiFunctions: true });
  const statements = readCorpus('refuse-ai.sql');
  expect(statements.length).toBeGreaterThanOrEqual(27);
  expect(statements.filter((sql) => gate.check(sql).verdict === 'allow')).toEqual([]);
});

test('gate: at most one in a hundred statements of the allow corpus is refused', async () => {
  const gate = await openGate();
  const statements = readCorpus('allow.sql');
  expect(statements.length).toBeGreaterThanOrEqual(1040);
  const refused = statements.filter((sql) => gate.check(sql).verdict === 'refuse');
  for (const sql of refused) console.log(verdictOf(gate, sql), sql);
  expect(refused.length).toBeLessThanOrEqual(Math.floor(statements.length / 100));
}, 30_000);

test('gate: odd spaces, line ends and control characters are refused outside of strings, and allowed inside', async () => {
  const gate = await openGate();
  for (const odd of [
    '\u00a0',
    '\ufeff',
    '\u2028',
    '\u2029',
    '\u0085',
    '\u000b',
    '\u000c',
    '\u200b',
    '\u3000',
    '\u0001',
    '\u00ad',
  ]) {
    expect([odd, verdictOf(gate, `SELECT${odd} 1`)]).toEqual([odd, 'unicode-space']);
    expect([odd, verdictOf(gate, `SELECT '${odd}' AS "${odd}"`)]).toEqual([odd, 'allow']);
  }
  expect(verdictOf(gate, '\ufeffPUT file:///x @s')).toBe('unicode-space');
  expect(verdictOf(gate, 'SELECT 1 -- x\r; DROP TABLE t')).toBe('unicode-space');
  expect(verdictOf(gate, 'SELECT 1 -- x\u2028; DROP TABLE t')).toBe('unicode-space');
  expect(verdictOf(gate, 'SELECT\r1')).toBe('unicode-space');
  expect(verdictOf(gate, 'SELECT 1 -- x\r\n, 2')).toBe('allow');
  expect(verdictOf(gate, 'SELECT\0 1')).toBe('character');
});

test('gate: a query that the parser takes for the columns of an alias is refused', async () => {
  const gate = await openGate();
  expect(verdictOf(gate, 'SELECT a FROM t LIMIT (SELECT my_udf(1))')).toBe('function');
  expect(verdictOf(gate, 'SELECT a FROM t LIMIT (SELECT upper(1))')).not.toBe('allow');
  expect(verdictOf(gate, 'SELECT a FROM t OFFSET (SELECT b)')).not.toBe('allow');
});

test('gate: words of newer statements are names like others, and the statements themselves are refused', async () => {
  const gate = await openGate();
  for (const name of ['await', 'async', 'backup', 'unload']) {
    const read = `WITH ${name} AS (SELECT 1 AS ${name}) SELECT (${name}), MAX(${name}) FROM db.${name}.${name} ${name} WHERE (${name} > 1)`;
    expect([name, verdictOf(gate, read)]).toEqual([name, 'allow']);
  }
  for (const sql of [
    'AWAIT ALL',
    'AWAIT x',
    'ASYNC (SELECT 1)',
    'BACKUP DATABASE d',
    "UNLOAD ('SELECT 1') TO 's3://x'",
  ]) {
    for (const text of [sql, `SELECT * FROM (${sql})`, `WITH x AS (${sql}) SELECT 1`, `SELECT 1 ->> ${sql}`]) {
      // A table AWAIT with the alias X, in parentheses, is what Snowflake reads there too.
      if (text !== 'SELECT * FROM (AWAIT x)') expect([text, gate.check(text).verdict]).toEqual([text, 'refuse']);
    }
  }
});

/** Words of the lexer's half for texts that the parser alone would also refuse, or would not. */
const BY_THE_WORDS: readonly (readonly [sql: string, reason: string, detail: string])[] = [
  ['SELECT a$$ FROM t', 'ambiguous', '$$ inside a name'],
  ['SELECT $a$b', 'ambiguous', 'a second $ inside a variable'],
  ['SELECT "a"$$b$$', 'ambiguous', '$$ glued to what stands before it'],
  ["SELECT 'a'$$b$$", 'ambiguous', '$$ glued to what stands before it'],
  ['LET x := 1', 'scripting', 'LET'],
  ['RETURN 1', 'scripting', 'RETURN'],
  ['CALL p()', 'scripting', 'CALL'],
  ['SELECT 1; BEGIN SELECT 2; END', 'scripting', 'BEGIN'],
  ['(SHOW TABLES)', 'statement-kind', 'SHOW inside another statement'],
  ['WITH a AS (SELECT 1) DESCRIBE TABLE t', 'statement-kind', 'DESCRIBE inside another statement'],
  ['SELECT (1', 'unparseable', 'parentheses do not match'],
  ['SELECT [1)', 'unparseable', 'parentheses do not match'],
  ['SELECT SYSTEM$WAIT FROM t', 'function', 'SYSTEM$WAIT'],
  ['SELECT "system$cancel_query" FROM t', 'function', 'SYSTEM$CANCEL_QUERY'],
  ['SELECT a INTO :v FROM t', 'write', 'INTO'],
  ["SELECT a FROM t, LATERAL 'x' INTO OUTFILE", 'write', 'INTO'],
  ['SELECT a FROM t FOR UPDATE', 'write', 'FOR UPDATE'],
  ['SELECT m!f(1)', 'function', 'a method call'],
  ['SELECT a := 1', 'scripting', ':='],
  ["SELECT a FROM 's3://x/y'", 'stage', 'a quoted location in place of a table'],
  ['EXPLAIN SELECT a FROM t LIMIT (SELECT my_udf(1))', 'function', 'MY_UDF'],
  ['EXPLAIN SELECT a INTO :v FROM t', 'write', 'INTO'],
  ['SHOW TABLES 5', 'syntax', 'a part of SHOW that is not known'],
  ['EXPLAIN SHOW TABLES', 'statement-kind', 'it begins with no known verb'],
];

test.each(BY_THE_WORDS)('gate: the words alone refuse %s', async (sql, reason, detail) => {
  const gate = await openGate();
  expect(gate.check(sql)).toMatchObject({ verdict: 'refuse', reason, detail });
});

test('gate: what only the parser takes for a comment or a name is refused', async () => {
  const gate = await openGate();
  expect(verdictOf(gate, 'SELECT a FROM t # JOIN secret')).toBe('character');
  expect(verdictOf(gate, "SELECT '#' AS a FROM t")).toBe('allow');
  expect(verdictOf(gate, 'SELECT a FROM t AS all')).toBe('unparseable');
  expect(verdictOf(gate, 'SELECT a AS "all" FROM t AS "ALL"')).toBe('allow');
});

test('gate: no refusal repeats a literal or an unknown word of the statement', async () => {
  const gate = await openGate();
  for (const sql of [
    "hunter2 'hunter2'",
    'SELECT "hunter2"(\'x\')',
    "DELETE FROM hunter2 WHERE a = 'hunter2'",
    "SELECT 'hunter2",
  ]) {
    expect(JSON.stringify(gate.check(sql))).not.toContain('hunter2');
  }
});

test('gate: a refusal names the verb or the function and says what to do', async () => {
  const gate = await openGate();
  expect(gate.check('DELETE FROM t')).toMatchObject({ reason: 'statement-kind', detail: 'DELETE' });
  expect(gate.check('SELECT my_udf(1)')).toMatchObject({ reason: 'function', detail: 'MY_UDF' });
  expect(gate.check('SELECT 1; SELECT 2')).toMatchObject({ next: 'Send the statements one by one.' });
});

test('gate: a permission tells kinds and objects', async () => {
  const gate = await openGate();
  expect(gate.check('WITH c AS (SELECT * FROM db.s."t 1") SELECT * FROM c JOIN orders o ON c.a = o.a')).toEqual({
    verdict: 'allow',
    kind: 'select',
    segments: ['select'],
    objects: ['DB.S."t 1"', 'ORDERS'],
    references: [
      { of: 'object', parts: ['DB', 'S', 't 1'] },
      { of: 'object', parts: ['ORDERS'] },
    ],
  });
  expect(gate.check('SHOW TABLES ->> SELECT * FROM $1')).toMatchObject({
    kind: 'select',
    segments: ['show', 'select'],
    objects: [],
  });
  expect(gate.check('EXPLAIN USING JSON SELECT * FROM t')).toMatchObject({ kind: 'explain', objects: ['T'] });
});

test('gate: a kind that the policy does not list is refused, in every segment', async () => {
  const gate = await openGate({ allowedKinds: new Set(['show']) });
  expect(verdictOf(gate, 'SHOW TABLES')).toBe('allow');
  expect(verdictOf(gate, 'SELECT 1')).toBe('statement-kind');
  expect(verdictOf(gate, 'SHOW TABLES ->> SELECT * FROM $1')).toBe('statement-kind');
});

test('gate: LIST and USE pass only when allowed, and only in their plain forms', async () => {
  const gate = await openGate({ allowedKinds: new Set(['select', 'list', 'use']) });
  for (const sql of [
    'LIST @s/path',
    "LS @~ PATTERN = '.*'",
    'USE ROLE r',
    'USE SCHEMA a.b',
    'USE d',
    'USE SECONDARY ROLES NONE',
  ]) {
    expect([sql, verdictOf(gate, sql)]).toEqual([sql, 'allow']);
  }
  for (const sql of ['LIST @s SELECT 1', 'LIST', 'LIST @s//x', 'USE', 'USE ROLE r DROP', 'SELECT * FROM @s', 'RM @s']) {
    expect([sql, gate.check(sql).verdict]).toEqual([sql, 'refuse']);
  }
});

test('gate: PUT and GET are refused whatever the policy says', async () => {
  const gate = await openGate({
    allowedKinds: new Set(['select', 'show', 'describe', 'explain', 'list', 'use']),
    stageReads: true,
  });
  for (const sql of [
    'PUT file:///x @s',
    'get @s file:///x',
    '/* */ -- \n PuT file:///x @s',
    'SELECT 1; GET @s file:///x',
  ]) {
    expect(verdictOf(gate, sql)).toBe('put-get');
  }
});

test('gate: switches open AI functions, stages and named functions, and nothing else', async () => {
  const gate = await openGate({
    aiFunctions: true,
    stageReads: true,
    allowedFunctions: policyOf({ allowed_functions: ['my_fn', 'db.s."mixed"'] }).allowedFunctions,
  });
  for (const sql of [
    "SELECT AI_COMPLETE('m', 'p'), SNOWFLAKE.CORTEX.COMPLETE('m', 'p')",
    'SELECT $1 FROM @s/path/file.csv',
    'SELECT My_Fn(1), db.S."mixed"(2) FROM TABLE(my_fn(3))',
  ]) {
    expect([sql, verdictOf(gate, sql)]).toEqual([sql, 'allow']);
  }
  for (const sql of [
    'SELECT other(1)',
    'SELECT x.my_fn(1)',
    'SELECT "my_fn"(1)',
    'SELECT db.s.mixed(1)',
    'SELECT $1 FROM @s//x',
  ]) {
    expect([sql, gate.check(sql).verdict]).toEqual([sql, 'refuse']);
  }
});

test('gate: length, tokens, depth and chains are bounded before the parser sees them', async () => {
  const gate = await openGate();
  expect(verdictOf(gate, `SELECT '${'x'.repeat(70_000)}'`)).toBe('too-long');
  expect(gate.checkWrite(`INSERT INTO t VALUES ('${'x'.repeat(70_000)}')`)).toMatchObject({ reason: 'too-long' });
  expect(verdictOf(gate, `SELECT ${'1,'.repeat(6000)}1`)).toBe('too-many-tokens');
  const deep = ['SELECT ', '('.repeat(200), '1', ')'.repeat(200)].join('');
  const chains = [
    deep,
    `SELECT ${'['.repeat(200)}${']'.repeat(200)}`,
    `SELECT ${'CASE WHEN 1 THEN '.repeat(200)}1${' END'.repeat(200)}`,
    `SELECT ${'1 + '.repeat(1000)}1`,
    `SELECT 1 WHERE ${'a = 1 OR '.repeat(900)}TRUE`,
    `SELECT 1${'::INT'.repeat(1500)}`,
    `${'SELECT 1 UNION '.repeat(800)}SELECT 1`,
    `SELECT 1 FROM a${' JOIN b'.repeat(800)}${' ON 1 = 1'.repeat(800)}`,
    `SELECT a${' IS NULL'.repeat(900)}`,
    `SELECT ${'(1 + '.repeat(90)}1${' + 1)'.repeat(90)}${' + 1'.repeat(400)}`,
  ];
  for (const sql of chains) expect([sql.slice(0, 40), verdictOf(gate, sql)]).toEqual([sql.slice(0, 40), 'too-deep']);
  expect(gate.parser.replaced).toBe(0);
});

test('gate: what is just within the limits is parsed without breaking the parser', async () => {
  const gate = await openGate();
  const sqls = [
    `SELECT ${'1 + '.repeat(399)}1`,
    `SELECT 1 WHERE ${'a = 1 OR '.repeat(190)}TRUE`,
    `SELECT a${' IS NULL'.repeat(399)}`,
    `SELECT 1${'::INT'.repeat(399)}`,
    `${'SELECT 1 UNION ALL '.repeat(399)}SELECT 1`,
    `SELECT 1 FROM a${' JOIN b ON 1 = 1'.repeat(150)}`,
    `SELECT 1 FROM a${' JOIN b'.repeat(380)}${' ON 1 = 1'.repeat(380)}`,
    `SELECT a FROM t WHERE b IN (${'1,'.repeat(4900)}1)`,
  ];
  for (const sql of sqls) gate.check(sql);
  expect(gate.parser.replaced).toBe(0);
  expect(verdictOf(gate, sqls.at(-1) ?? '')).toBe('allow');
});

test('gate: before it is warm it refuses queries, and does not remember that', async () => {
  const gate = createGate(DEFAULT_POLICY);
  expect(verdictOf(gate, 'SELECT 1')).toBe('parser-unavailable');
  await gate.warm();
  expect(verdictOf(gate, 'SELECT 1')).toBe('allow');
});

test('gate: the memory of decisions is bounded and keeps what was used last', async () => {
  let parses = 0;
  const inner = { warm: async () => undefined, broken: false, replaced: 0 };
  const parse = () => {
    parses++;
    return { kind: 'syntax-error' } as const;
  };
  const gate = createGate({ ...DEFAULT_POLICY, cacheEntries: 2 }, { ...inner, parse });
  for (const sql of ['SELECT 1', 'SELECT 2', 'SELECT 1', 'SELECT 3', 'SELECT 1']) gate.check(sql);
  expect(parses).toBe(3);
  gate.check('SELECT 2');
  expect(parses).toBe(4);
});

test("gate: a table function of INFORMATION_SCHEMA may stand in any database, an owner's function in none", async () => {
  const gate = await openGate();
  for (const [call, want] of [
    ['"My Db".INFORMATION_SCHEMA.QUERY_HISTORY()', 'allow'],
    ['db.INFORMATION_SCHEMA.QUERY_HISTORY()', 'allow'],
    ['db."INFORMATION_SCHEMA".QUERY_HISTORY()', 'function'],
    ['db.INFORMATION_SCHEMA."QUERY_HISTORY"()', 'function'],
    ['"INFORMATION_SCHEMA".QUERY_HISTORY()', 'function'],
    ['"My Db".PUBLIC.QUERY_HISTORY()', 'function'],
    ['"My Db".INFORMATION_SCHEMA.OTHER()', 'function'],
  ]) {
    expect([call, verdictOf(gate, `SELECT * FROM TABLE(${call})`)]).toEqual([call, want]);
  }
  expect(verdictOf(gate, 'SELECT "SNOWFLAKE".CORTEX.COMPLETE(1)')).toBe('function');
});

test('gate: a hexadecimal string has nothing but digits in it, since a backslash there may mean something or not', async () => {
  const gate = await openGate();
  expect(verdictOf(gate, "SELECT x'00fF', X''")).toBe('allow');
  for (const text of ["x'4\\'1'", "X'zz'", "x'4''1'"]) {
    expect([text, verdictOf(gate, `SELECT ${text}`)]).toEqual([text, 'ambiguous']);
  }
});

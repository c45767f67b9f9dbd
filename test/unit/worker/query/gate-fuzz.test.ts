/** Disguises: a statement that is refused stays refused however it is dressed up. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlTextError, tokenize } from '../../../../src/shared/sql/lexer.ts';
import { createGate } from '../../../../src/worker/query/gate.ts';
import { objectPolicy } from '../../../../src/worker/query/objects.ts';
import { DEFAULT_POLICY } from '../../../../src/worker/query/policy.ts';
import { readCorpus } from '../../../support/corpus.ts';

/** A disguise of the whole text; `n` is a random number that it may use. */
type Disguise = (sql: string, n: number) => string;

const BLANKS = [
  ' ',
  '\n',
  '\t',
  '\r\n',
  '/* x */',
  '/* ; */',
  "/* ' */",
  '-- y\n',
  '// z\r\n',
  '/**/',
  "--'\n",
  '/*--*/',
  '\n--\n',
];
const ODD = ['\u00a0', '\ufeff', '\u2028', '\u000b', '\u200b', '\u3000', '\r', '\u0085', '\u2003', '\u00ad'];

/** Puts `between(i)` between the tokens, so that strings and names stay whole. */
function rejoin(sql: string, change: (text: string, at: number) => string, between: (at: number) => string): string {
  try {
    const tokens = tokenize(sql);
    return tokens
      .map((token, at) => (at > 0 && !token.glued ? ' ' : '') + (at > 0 ? between(at) : '') + change(token.text, at))
      .join('');
  } catch (error) {
    if (error instanceof SqlTextError) return sql;
    throw error;
  }
}

const pick = (list: readonly string[], n: number): string => list[n % list.length] ?? '';
const keep = (text: string): string => text;
const isWord = (text: string): boolean => /^[A-Za-z_][\w$]*$/.test(text);
/** A quoted verb is a name, not a disguise. */
const VERBS = new Set(
  readCorpus('refuse.sql').flatMap((sql) => /^[\s(]*([A-Za-z]+)/.exec(sql)?.[1]?.toUpperCase() ?? []),
);
const isPlainName = (text: string): boolean => isWord(text) && !VERBS.has(text.toUpperCase());
const flip = (text: string, n: number): string => (n % 2 === 0 ? text.toUpperCase() : text.toLowerCase());
const bare = (sql: string): string => sql.replace(/[;\s]+$/, '');

const DISGUISES: readonly Disguise[] = [
  (sql, n) => rejoin(sql, keep, (at) => pick(BLANKS, n + at * 7)),
  (sql, n) => rejoin(sql, keep, (at) => (at === 1 + (n % 5) ? pick(BLANKS, n) : '')),
  (sql, n) =>
    rejoin(
      sql,
      (text, at) => (isWord(text) ? [...text].map((char, i) => flip(char, n + at + i)).join('') : text),
      () => '',
    ),
  (sql, n) => rejoin(sql, keep, (at) => (at === 1 + (n % 7) ? pick(ODD, n) : '')),
  (sql, n) =>
    rejoin(
      sql,
      (text, at) => (at === n % 9 && isPlainName(text) ? `"${text.toUpperCase()}"` : text),
      () => '',
    ),
  (sql, n) =>
    rejoin(
      sql,
      (text, at) => (at === n % 9 && isPlainName(text) ? `"${text}"` : text),
      () => '',
    ),
  (sql, n) => pick(BLANKS, n) + sql,
  (sql, n) => pick(ODD, n) + sql,
  (sql, n) => `${sql}\n${pick(BLANKS, n)}`,
  (sql) => `${sql}\n;`,
  (sql) => `;${sql}`,
  (sql) => `(${bare(sql)}\n)`,
  (sql) => `SELECT * FROM (${bare(sql)}\n)`,
  (sql) => `SELECT (${bare(sql)}\n) AS x`,
  (sql) => `SELECT 1 WHERE EXISTS (${bare(sql)}\n)`,
  (sql) => `WITH z AS (${bare(sql)}\n) SELECT * FROM z`,
  (sql) => `WITH z AS (SELECT 1) ${sql}`,
  (sql) => `SELECT 1 UNION ALL ${sql}`,
  (sql) => `SELECT * FROM t JOIN LATERAL (${bare(sql)}\n) l`,
  (sql) => `EXPLAIN ${sql}`,
  (sql) => `EXPLAIN USING JSON ${sql}`,
  (sql) => `SELECT 1 ->> ${sql}`,
  (sql) => `SHOW TABLES ->> ${sql}`,
  (sql) => `${bare(sql)}\n->> SELECT * FROM $1`,
  (sql) => `SELECT 1; ${sql}`,
  (sql) => `${sql}\n; SELECT 1`,
  (sql) => `SELECT 'it''s' AS a; ${sql}`,
  (sql) => `SELECT $$x$$ /* ; */ ; ${sql}`,
  (sql) => `SELECT CASE WHEN EXISTS (${bare(sql)}\n) THEN 1 END`,
  (sql) => `SELECT IFF(TRUE, (${bare(sql)}\n), 0)`,
  (sql) => `VALUES ((${bare(sql)}\n))`,
  (sql) => `SELECT v[(${bare(sql)}\n)] FROM t`,
  (sql) => `SELECT {'k': (${bare(sql)}\n)}`,
  (sql) => `SELECT TRANSFORM(a, x -> (${bare(sql)}\n))`,
];

/** Reasons that hang on a mark which a disguise may take away. */
const MARKS = new Set(['ambiguous', 'unparseable', 'empty', 'character', 'unicode-space']);

test('gate: 20,000 disguised statements of the refuse corpus, none passes', async () => {
  const gate = createGate({ ...DEFAULT_POLICY, cacheEntries: 0 });
  await gate.warm();
  const statements = readCorpus('refuse.sql').filter((sql) => {
    const decision = gate.check(sql);
    return decision.verdict === 'refuse' && !MARKS.has(decision.reason) && !/^(SHOW|DESCRIBE)$/.test(sql);
  });
  const step = fc.record({ at: fc.nat(DISGUISES.length - 1), n: fc.nat(10_000) });
  const disguised = fc.record({
    sql: fc.constantFrom(...statements),
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  });
  const passed: string[] = [];
  fc.assert(
    fc.property(disguised, ({ sql, steps }) => {
      const text = steps.reduce((text, { at, n }) => (DISGUISES[at] ?? keep)(text, n), sql);
      if (gate.check(text).verdict === 'allow') passed.push(text);
    }),
    { seed: Number(process.env.GATE_FUZZ_SEED ?? 20_261_121), numRuns: Number(process.env.GATE_FUZZ_RUNS ?? 20_000) },
  );
  expect(passed.slice(0, 5)).toEqual([]);
  expect(gate.parser.replaced).toBe(0);
}, 60_000);

const NAMES_DENIED = [
  'SELECT * FROM hr.s.x',
  'SELECT a FROM ok.s.t JOIN hr.s.x USING (a)',
  'WITH c AS (SELECT * FROM hr.s.x) SELECT * FROM c',
  'WITH x AS (SELECT * FROM x) SELECT * FROM x',
  'SELECT (SELECT MAX(a) FROM hr.s.x) AS m FROM ok.s.t',
  'SELECT * FROM x',
  'SELECT * FROM s.x PIVOT (SUM(a) FOR b IN (1, 2))',
  "SELECT GET_DDL('TABLE', 'hr.s.x')",
];

test('gate: 5,000 disguised statements that name a denied table, none passes', async () => {
  const objects = objectPolicy({ allowed: [], denied: ['HR'] });
  const gate = createGate({ ...DEFAULT_POLICY, objects, cacheEntries: 0 });
  await gate.warm();
  const step = fc.record({ at: fc.nat(DISGUISES.length - 1), n: fc.nat(10_000) });
  const disguised = fc.record({
    sql: fc.constantFrom(...NAMES_DENIED),
    steps: fc.array(step, { maxLength: 4 }),
  });
  const passed: string[] = [];
  fc.assert(
    fc.property(disguised, ({ sql, steps }) => {
      const text = steps.reduce((text, { at, n }) => (DISGUISES[at] ?? keep)(text, n), sql);
      if (gate.check(text, { database: 'HR', schema: 'S' }).verdict === 'allow') passed.push(text);
    }),
    { seed: Number(process.env.GATE_FUZZ_SEED ?? 20_261_121), numRuns: 5000 },
  );
  expect(passed.slice(0, 5)).toEqual([]);
}, 60_000);

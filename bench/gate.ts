/**
 * What the gate costs a statement: decided anew and from its memory, for statements of several lengths.
 *
 * Every text is different, so that nothing is remembered where that is not wanted. Absolute times; the bound of the
 * project is 1 ms for 300 characters, 0.05 ms from memory.
 */
import { createGate } from '../src/worker/query/gate.ts';
import { objectPolicy } from '../src/worker/query/objects.ts';
import { DEFAULT_POLICY, type GatePolicy } from '../src/worker/query/policy.ts';
import type { Finding } from './finding.ts';
import { writeFindings } from './results.ts';
import { type Size, sized } from './size.ts';
import { percentile, printTable } from './stats.ts';

/** A realistic query of about 300 characters; `n` makes it one of its kind. */
function statement(n: number): string {
  return `WITH daily AS (SELECT DATE_TRUNC('day', o.created_at) AS d, c.region, SUM(o.amount) AS total FROM sales.public.orders o JOIN sales.public.customers c ON o.customer_id = c.id WHERE o.status <> 'x${n}' GROUP BY ALL) SELECT region, d, total, AVG(total) OVER (PARTITION BY region ORDER BY d) AS a FROM daily ORDER BY d`;
}

/** As `statement`, with a list of values that brings it to about `length` characters. */
function longStatement(n: number, length: number): string {
  const values = Array.from({ length: Math.floor((length - 300) / 22) }, (_, at) => `'customer-${100_000 + at}-ab'`);
  return statement(n).replace('WHERE', `WHERE c.code IN (${values.join(', ')}) AND`);
}

function time(work: () => void): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

async function measure(
  policy: GatePolicy,
  texts: (n: number) => string,
  runs: number,
  isCached: boolean,
): Promise<number[]> {
  const gate = createGate(policy);
  await gate.warm();
  const home = { database: 'SALES', schema: 'PUBLIC' };
  const check = (sql: string) => {
    if (gate.check(sql, home).verdict !== 'allow') throw new Error('the gate refuses a statement of the bench');
  };
  for (let n = 0; n < Math.min(runs, 200); n++) check(texts(-1 - n));
  if (isCached) check(texts(0));
  const times = Array.from({ length: runs }, (_, n) => {
    const sql = texts(isCached ? 0 : n);
    return time(() => check(sql));
  });
  return times.sort((a, b) => a - b);
}

export async function gate(size: Size): Promise<Finding[]> {
  const runs = sized(size, { quick: 1000, short: 5000, full: 5000 });
  const lists = { ...DEFAULT_POLICY, objects: objectPolicy({ allowed: ['SALES.PUBLIC.*'], denied: ['*.*.PII_*'] }) };
  const cases: readonly (readonly [string, GatePolicy, (n: number) => string, number, boolean])[] = [
    ['300 characters, new', DEFAULT_POLICY, statement, runs, false],
    ['300 characters, from memory', DEFAULT_POLICY, statement, runs, true],
    ['300 characters, new, object lists', lists, statement, runs, false],
    ['300 characters, from memory, object lists', lists, statement, runs, true],
    ['20,000 characters, new', DEFAULT_POLICY, (n) => longStatement(n, 20_000), runs / 20, false],
    ['60,000 characters, new', DEFAULT_POLICY, (n) => longStatement(n, 60_000), runs / 20, false],
  ];
  console.log(
    `The statement has ${statement(0).length} characters; ${runs} runs, long ones ${runs / 20}, in one process`,
  );
  const rows: string[][] = [];
  const findings: Finding[] = [];
  let base: number | undefined;
  for (const [name, policy, texts, count, isCached] of cases) {
    const times = await measure(policy, texts, count, isCached);
    const p50 = percentile(times, 0.5);
    base ??= p50;
    const limit = name.startsWith('300') ? (isCached ? 0.05 : 1) : undefined;
    findings.push({
      what: `gate, ${name}`,
      ours: `p50 ${p50.toFixed(4)} ms, p99 ${percentile(times, 0.99).toFixed(4)} ms`,
      theirs: '',
      ratio: '',
      target: limit === undefined ? '' : `p50 < ${limit} ms`,
      ...(limit === undefined ? {} : { isMet: p50 < limit }),
    });
    rows.push([
      name,
      p50.toFixed(4),
      percentile(times, 0.95).toFixed(4),
      percentile(times, 0.99).toFixed(4),
      `${(p50 / base).toFixed(3)} x`,
    ]);
  }
  const method = [
    `Texts that are all different, or one and the same; ${runs} runs, long ones ${runs / 20}, in one process.`,
  ];
  if (size !== 'quick') writeFindings('gate', method, findings);
  printTable(['statement', 'p50 ms', 'p95 ms', 'p99 ms', 'p50 ratio'], rows);
  return findings;
}

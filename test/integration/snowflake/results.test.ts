/** docs/results.md and the limits of a result, through the real driver. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { SLOW_SQL } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';
import { startWire } from '../../support/wire-server.ts';

let engine: EmbeddedSnowflake;
beforeAll(async () => {
  engine = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', longPollMs: 50 });
});
afterAll(() => engine.close());

const services: ReturnType<typeof testService>[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map(({ service }) => service.close(1000)));
});

function start(more: Record<string, Record<string, unknown>> = {}) {
  const account = { account: 'embedded', user: 'TESTER', access_url: engine.url, password: 'pa55-word' };
  const made = testService({ ...more, snowflake: { ...account, ...more.snowflake } });
  services.push(made);
  return made;
}

/** Type, example and value of each line of the table. */
function documented(): { type: string; sql: string; value: unknown }[] {
  const text = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8');
  return text.split('\n').flatMap((line) => {
    const cells = line.split(/(?<!\\) ?\| ?/).map((cell) => cell.replaceAll('\\|', '|').replace(/^`(.*)`$/s, '$1'));
    const [, , type = '', , sql = '', value] = cells;
    return cells.length === 7 && sql !== 'example' && !/^-+$/.test(type)
      ? [{ type, sql, value: JSON.parse(value ?? '') }]
      : [];
  });
}

test('results: every documented example is what a client gets', async () => {
  const { service } = start();
  const rows = documented();
  expect(rows.length).toBeGreaterThanOrEqual(15);
  for (const { type, sql, value } of rows) {
    const result = await service.run(ask(`SELECT ${sql} AS x`), NEVER);
    const known = /^[A-Z_]+$/.test(type) ? type : result.columns[0]?.type;
    expect([sql, result.columns[0]?.type, result.rows]).toEqual([sql, known, [[value]]]);
  }
});

test('results: a long cell is cut and marked, others stay whole, and it is counted', async () => {
  const { service, counted } = start({ limits: { max_cell_bytes: 100 } });
  const result = await service.run(ask("SELECT 1 AS a, REPEAT('ä', 200) AS b, 'whole' AS c"), NEVER);
  expect(result.rows).toEqual([[1, 'ä'.repeat(50), 'whole']]);
  expect(result.cutCells).toEqual({ count: 1, maxBytes: 100, first: [{ row: 0, column: 1, bytes: 400 }] });
  expect(result.truncated).toBeUndefined();
  expect(counted).toContainEqual({ name: 'mcp_results_truncated_total', labels: { limit: 'cell_bytes' } });
});

test('results: the limit that cut is named, and exactly as many rows are whole', async () => {
  const { service, counted } = start({ limits: { max_result_bytes: '1K' } });
  const rows = (count: number) =>
    `SELECT SEQ4() AS n, REPEAT('x', 100) AS t FROM TABLE(GENERATOR(ROWCOUNT => ${count}))`;
  expect((await service.run(ask(rows(5), { maxRows: 5 }), NEVER)).truncated).toBeUndefined();
  expect((await service.run(ask(rows(6), { maxRows: 5 }), NEVER)).truncated).toEqual({ limit: 'rows', max: 5 });
  const bytes = await service.run(ask(rows(50), { maxRows: 50 }), NEVER);
  // A number counts 4 bytes at least.
  expect([bytes.truncated, bytes.rows.length]).toEqual([{ limit: 'bytes', max: 1024 }, 9]);
  expect(
    counted.filter(({ name }) => name === 'mcp_results_truncated_total').map(({ labels }) => labels.limit),
  ).toEqual(['rows', 'bytes']);
});

test('results: a call may ask for less time than configured, never for more', async () => {
  const { service } = start({ limits: { query_timeout: '2s' } });
  const mark = SLOW_SQL.replace('COUNT(*)', 'COUNT(*) AS shorter');
  await expect(service.run(ask(mark, { timeoutMs: 300 }), NEVER)).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
    details: { limitMs: 300 },
  });
  await expect(service.run(ask(SLOW_SQL, { timeoutMs: 60_000 }), NEVER)).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
    details: { limitMs: 2000 },
  });
  await eventually(() => engine.queries().every(({ state }) => state !== 'running'), {
    deadlineMs: 10_000,
    what: 'the end of both statements in Snowflake',
  });
});

test('results: object lists hold for queries, lists of objects and the statements of the server itself', async () => {
  const { service, audit } = start({
    policy: { allowed_objects: ['DEMO_DB.*.*'], denied_objects: ['*.INFORMATION_SCHEMA.*', 'DEMO_DB.*.CUSTOMERS'] },
    snowflake: { database: 'DEMO_DB', schema: 'PUBLIC' },
  });
  const names = async (sql: string, how: 'run' | 'catalog') => {
    const { columns, rows } = await service[how](ask(sql), NEVER);
    const at = columns.findIndex(({ name }) => name.toLowerCase() === 'name');
    return rows.map((row) => row[at]);
  };
  for (const how of ['run', 'catalog'] as const) {
    expect(await names('SHOW DATABASES', how)).toEqual(['DEMO_DB']);
    const schemas = await names('SHOW SCHEMAS IN DATABASE DEMO_DB', how);
    expect(schemas).toContain('PUBLIC');
    expect(schemas).not.toContain('INFORMATION_SCHEMA');
    expect(await names('SHOW TABLES IN DATABASE DEMO_DB', how)).not.toContain('CUSTOMERS');
  }
  for (const sql of [
    'SELECT * FROM CUSTOMERS',
    'SELECT * FROM DEMO_DB.SALES.CUSTOMERS',
    'DESCRIBE TABLE DEMO_DB.SALES.CUSTOMERS',
  ]) {
    await expect(service.run(ask(sql), NEVER)).rejects.toMatchObject({
      code: 'SQL_REFUSED',
      details: { reason: 'object' },
    });
  }
  await expect(service.catalog(ask('DESCRIBE TABLE "OTHER"."S"."T"'), NEVER)).rejects.toMatchObject({
    code: 'SQL_REFUSED',
  });
  expect(audit.at(-1)).toMatchObject({ decision: 'refuse', reason: 'object' });
});

test('results: a list of as many objects as SHOW gives at most is told as cut, a table of as many rows is whole', async () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => [`T${n}`, 'S', 'D']);
  const columns = ['name', 'schema_name', 'database_name'].map((name) => ({ name, type: 'text' }));
  const server = await startWire({ query: () => ({ columns, rows }) });
  const { service } = start({ snowflake: { access_url: server.url } });
  const all = { maxRows: 10_000 };
  const [listed, shown, selected] = [
    await service.catalog(ask('SHOW TABLES', all), NEVER),
    await service.run(ask('SHOW TABLES', all), NEVER),
    await service.run(ask('SELECT * FROM T', all), NEVER),
  ];
  const cut = { limit: 'rows', max: 10_000 };
  expect([listed.truncated, shown.truncated, selected.truncated]).toEqual([cut, cut, undefined]);
  expect(listed.rows).toHaveLength(10_000);
  await service.close(500);
  await server.close();
});

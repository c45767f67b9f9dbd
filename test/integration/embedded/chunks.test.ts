/** Large results: the rows that do not go inline come whole, in order, and only those that are asked for. */
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Embedded, login, logout, run, startTestEmbedded, streamed } from '../../support/embedded-driver.ts';

let embedded: Embedded;
let connection: Connection;

const numbers = (count: number) =>
  `SELECT ROW_NUMBER() OVER (ORDER BY 1) AS id, 'row ' || id AS name FROM TABLE(GENERATOR(ROWCOUNT => ${count})) ORDER BY id`;

beforeAll(async () => {
  embedded = await startTestEmbedded();
  connection = await login(embedded.url, { password: embedded.password });
});

afterAll(async () => {
  await logout(connection);
  await embedded.close();
});

test('chunks: 100,000 rows come whole and in order', async () => {
  const { rows } = await run(connection, numbers(100_000));
  expect(rows).toHaveLength(100_000);
  expect(rows.findIndex((row, index) => row.ID !== index + 1 || row.NAME !== `row ${index + 1}`)).toBe(-1);
});

test('chunks: a window over the middle of a large result gives those rows and no others', async () => {
  const { statement } = await run(connection, numbers(50_000), { streamResult: true });
  const rows = await streamed(statement, { start: 29_995, end: 30_004 });
  expect(rows.map((row) => row.ID)).toEqual(Array.from({ length: 10 }, (_, index) => 29_996 + index));
});

test.each([0, 1, 999, 1000, 1001, 3000, 3001])('chunks: a result of %i rows has that many', async (count) => {
  const { rows } = await run(
    connection,
    `${numbers(5000).replace(' ORDER BY id', '')} QUALIFY id <= ${count} ORDER BY id`,
  );
  expect(rows.map((row) => row.ID)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('chunks: cells of a megabyte are cut into chunks by size', async () => {
  const { rows } = await run(
    connection,
    "SELECT ROW_NUMBER() OVER (ORDER BY 1) AS id, REPEAT('x', 1000000) AS big FROM TABLE(GENERATOR(ROWCOUNT => 12)) ORDER BY id",
  );
  expect(rows.map((row) => String(row.BIG).length)).toEqual(Array.from({ length: 12 }, () => 1_000_000));
});

test('chunks: an address that nobody was told is not found', async () => {
  const response = await fetch(`${embedded.url}/chunks/${'0'.repeat(32)}/0`);
  await response.arrayBuffer();
  expect(response.status).toBe(404);
});

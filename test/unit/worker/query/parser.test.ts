import { expect, test } from 'vitest';
import { createSqlParser } from '../../../../src/worker/query/parser.ts';
import { eventually } from '../../../support/eventually.ts';

/** A chain far beyond the parser's stack: it breaks the instance for good. */
const BREAKER = `SELECT ${'1 + '.repeat(20_000)}1`;

test('parser: before it is warm it says so', () => {
  expect(createSqlParser().parse('SELECT 1').kind).toBe('unavailable');
});

test('parser: a syntax error costs no instance', async () => {
  const parser = createSqlParser();
  await parser.warm();
  expect(parser.parse('SELECT FROM WHERE').kind).toBe('syntax-error');
  expect(parser.parse('SELECT 1').kind).toBe('tree');
  expect(parser.replaced).toBe(0);
});

test('parser: a text that breaks the instance is answered, and the next text meets a fresh one', async () => {
  const parser = createSqlParser();
  await parser.warm();
  expect(parser.parse(BREAKER).kind).toBe('failed');
  expect(parser.parse('SELECT 1').kind).toBe('tree');
  expect(parser.replaced).toBe(1);
  expect(parser.broken).toBe(false);
});

test('parser: broken twice in a row, it comes back as soon as the next instance is there', async () => {
  const parser = createSqlParser();
  await parser.warm();
  parser.parse(BREAKER);
  parser.parse(BREAKER);
  expect(parser.parse('SELECT 1').kind).toBe('unavailable');
  await eventually(() => parser.parse('SELECT 1').kind === 'tree', { what: 'a fresh parser' });
});

test('parser: past its number of instances it stays broken and says so', async () => {
  const parser = createSqlParser(0);
  await parser.warm();
  expect(parser.parse(BREAKER).kind).toBe('failed');
  expect(parser.broken).toBe(true);
  expect(parser.parse('SELECT 1').kind).toBe('unavailable');
});

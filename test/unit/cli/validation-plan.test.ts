import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Known, VALIDATION_STEPS } from '../../../src/cli/validation-plan.ts';

test('validation: what is found is what later steps ask for, system schemas apart', () => {
  const results: Record<string, Record<string, unknown>> = {
    whoami: { database: null },
    list_databases: { databases: [{ name: 'SNOWFLAKE' }, { name: 'SHOP' }] },
    list_tables: {
      tables: [
        { schema: 'INFORMATION_SCHEMA', name: 'X' },
        { schema: 'S', name: 'T' },
      ],
    },
    list_views: { views: [{ schema: 'S', name: 'V' }] },
    describe_table: { columns: [{ name: 'ID_COLUMN' }] },
    query_submit: { query_id: 'q' },
  };
  let known: Known = {};
  const asked: Record<string, unknown> = {};
  for (const { tool, args, learn } of VALIDATION_STEPS) {
    asked[tool] = args(known);
    known = learn?.(known, results[tool] ?? {}) ?? known;
  }
  expect(asked).toMatchObject({
    sample_table: { database: 'SHOP', schema: 'S', table: 'T' },
    query_view: { database: 'SHOP', schema: 'S', view_name: 'V' },
    search_columns: { name_contains: 'ID_COLUMN' },
    query_result: { query_id: 'q' },
  });
});

test('validation: with nothing visible the steps say why they are left out', () => {
  const reasons = VALIDATION_STEPS.map(({ args }) => args({})).filter((it) => typeof it === 'string');
  expect(reasons.length).toBeGreaterThan(8);
});

test('validation: every tool that only reads has a step', () => {
  const page = readFileSync(new URL('../../../docs/tools.md', import.meta.url), 'utf8');
  const tools = [...page.matchAll(/^## `?(\w+)`?$/gm)].map(([, name]) => name);
  const steps = new Set<unknown>(VALIDATION_STEPS.map(({ tool }) => tool));
  expect(tools.length).toBeGreaterThan(15);
  expect(tools.filter((tool) => !steps.has(tool))).toEqual(['query_cancel', 'execute_statement']);
});

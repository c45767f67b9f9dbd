/**
 * Snowflake's dialect on the embedded engine: each query gives the result that Snowflake documents.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/embedded/engine.ts';
import { EXPRESSION_CASES } from '../../support/dialect-cases.ts';
import { MORE_CASES } from '../../support/dialect-more-cases.ts';
import { QUERY_CASES } from '../../support/dialect-query-cases.ts';
import { SET_CASES } from '../../support/dialect-set-cases.ts';
import { openSession, startEngine, type TestSession } from '../../support/embedded-session.ts';

let engine: Engine;
let shared: TestSession;

beforeAll(async () => {
  engine = await startEngine();
  shared = await openSession(engine);
});

afterAll(() => engine.close());

test.each([...EXPRESSION_CASES, ...QUERY_CASES, ...MORE_CASES, ...SET_CASES])(
  'dialect: $says',
  async ({ sql, rows, columns, types }) => {
    const result = await shared.run(sql);
    expect(result.rows).toEqual(rows);
    if (columns !== undefined) expect(result.columns.map(({ name }) => name)).toEqual(columns);
    if (types !== undefined) expect(result.columns.map(({ type }) => type)).toEqual(types);
  },
);

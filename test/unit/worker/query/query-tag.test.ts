import { expect, test } from 'vitest';
import { queryTag } from '../../../../src/worker/query/query-tag.ts';

const facts = { version: '1.0.0', principal: 'key:ci', session: 'abc', tool: 'execute_query', requestId: 'r-1' };

test('query tag: JSON that names app, version, principal, session, tool and request', () => {
  expect(JSON.parse(queryTag(facts))).toEqual({
    app: 'snowflake-mcp-daemon',
    version: '1.0.0',
    principal: 'key:ci',
    session: 'abc',
    tool: 'execute_query',
    request_id: 'r-1',
  });
});

test('query tag: stays below 2,000 characters whatever the names are', () => {
  const long = '\u0001"\\ü'.repeat(1000);
  const tag = queryTag({ version: long, principal: long, session: long, tool: long, requestId: long });
  expect(tag.length).toBeLessThan(2000);
  expect(Object.keys(JSON.parse(tag))).toHaveLength(6);
});

test('query tag: whoever reads the query history learns the beginning of a session id only, as in the logs', () => {
  const session = '5f0c9f7e-8b1e-4c59-9e6b-0d8f3c1a2b4c';
  expect(JSON.parse(queryTag({ ...facts, session }))).toMatchObject({ session: '5f0c9f7e' });
});

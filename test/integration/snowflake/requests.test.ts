/** How statements travel: in one piece, once, and again when that is right; what fails is told with its cause. */
import { expect, test } from 'vitest';
import { AppError } from '../../../src/shared/errors.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';
import type { WireServer } from '../../support/wire-server.ts';
import { wireCleanups } from '../../support/wires.ts';

const { add, wire } = wireCleanups();

function service(url: string) {
  const made = testService({ snowflake: { account: 'a', user: 'u', password: 'p', access_url: url } });
  add(() => made.service.close(500));
  return made.service;
}

const ONE = { columns: [{ name: 'C', type: 'text' }], rows: [['ü']] };

const statementsOf = ({ requests }: WireServer) => requests.filter(({ path }) => path.endsWith('query-request'));

test('a statement is sent as plain JSON with its length, and names the driver', async () => {
  const server = await wire({ query: () => ONE });
  expect((await service(server.url).run(ask("SELECT 'ü'"), NEVER)).rows).toEqual([['ü']]);
  const [sent] = statementsOf(server);
  expect(sent?.body.sqlText).toBe("SELECT 'ü'");
  expect(sent?.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(JSON.stringify(sent?.body))),
    'user-agent': expect.stringContaining('JavaScript/'),
    authorization: expect.stringContaining('Snowflake Token='),
  });
  expect(sent?.headers).not.toHaveProperty('content-encoding');
  expect(sent?.params.get('requestId')).toMatch(/^[0-9a-f-]{36}$/);
  expect(sent?.params.get('request_guid')).toMatch(/^[0-9a-f-]{36}$/);
});

test.each(['gzip', 'deflate', 'br'] as const)('an answer that is packed with %s is read', async (encoding) => {
  const server = await wire({ query: () => ({ ...ONE, encoding }) });
  expect((await service(server.url).run(ask('SELECT 1'), NEVER)).rows).toEqual([['ü']]);
});

test.each([
  ['a 503', { status: 503 }],
  ['a connection that is cut', 'hang-up'],
] as const)('%s: the statement is sent again under its id', async (_what, first) => {
  const server = await wire({ query: (_sql, count) => (count === 0 ? first : ONE) });
  expect((await service(server.url).run(ask('SELECT 1'), NEVER)).rows).toEqual([['ü']]);
  const [before, after, ...more] = statementsOf(server);
  expect(more).toEqual([]);
  expect(after?.params.get('requestId')).toBe(before?.params.get('requestId'));
  expect(after?.params.get('retryCount')).toBe('1');
});

test('a statement follows where it is sent', async () => {
  const location = '/queries/v1/query-request?elsewhere=1';
  const server = await wire({ query: (_sql, count) => (count < 2 ? { status: 307, location } : ONE) });
  expect((await service(server.url).run(ask('SELECT 1'), NEVER)).rows).toEqual([['ü']]);
  expect(statementsOf(server).at(-1)?.params.get('elsewhere')).toBe('1');
});

test('a status that no second try mends is told at once', async () => {
  const server = await wire({ query: () => ({ status: 400 }) });
  const failure = await service(server.url)
    .run(ask('SELECT 1'), NEVER)
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AppError);
  expect(statementsOf(server)).toHaveLength(1);
});

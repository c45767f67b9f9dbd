/** execute_statement: who is asked, what runs, and that nothing runs twice. Through the client, the real driver and the embedded engine. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type CallToolResult, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { createTestCluster } from '../../support/http-workers.ts';
import { textOf } from '../../support/mcp-client.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';

let engine: EmbeddedSnowflake;
beforeAll(async () => {
  engine = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', longPollMs: 50 });
});
afterAll(() => engine.close());

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanUps.splice(0).reverse()) await clean();
});

type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: { confirm: boolean } };

/** A client whose person gives `answer`; without one it cannot ask. */
async function start(policy: Record<string, unknown>, answer?: Answer) {
  const snowflake = {
    account: 'embedded',
    user: 'TESTER',
    access_url: engine.url,
    password: 'pa55-word',
    database: 'DEMO_DB',
  };
  const made = testService({ snowflake, policy });
  const { service } = made;
  cleanUps.push(() => service.close(500));
  await service.warm();
  const cluster = createTestCluster();
  cleanUps.push(() => cluster.close());
  const worker = await cluster.start(service, { snowflake, policy });
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: answer === undefined ? {} : { elicitation: {} } },
  );
  const questions: string[] = [];
  if (answer !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, (request) => {
      questions.push(request.params.message);
      return answer;
    });
  }
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', worker.url));
  await client.connect(transport as Parameters<Client['connect']>[0]);
  cleanUps.push(() => client.close());
  const write = async (statement: string) =>
    (await client.callTool({ name: 'execute_statement', arguments: { statement } })) as CallToolResult;
  return { service, client, questions, write, audit: made.audit };
}

const sent = (text: string) => engine.queries().filter((query) => query.sqlText.includes(text));
const WRITES = { write_sql_commands: ['insert', 'update', 'create table'] };
const YES: Answer = { action: 'accept', content: { confirm: true } };

test('without a kind in the policy there is no write tool', async () => {
  const { client } = await start({});
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('execute_statement');
});

test('a person who says yes sees the statement, and it runs once', async () => {
  const { write, questions, audit } = await start(WRITES, YES);
  const result = await write("INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES ('XA', 'Once', 'TEST')");
  expect(result.isError ?? false, textOf(result)).toBe(false);
  expect(result.structuredContent).toMatchObject({ rows: [[1]] });
  expect(questions).toHaveLength(1);
  expect(questions[0]).toContain("VALUES ('XA', 'Once', 'TEST')");
  expect(sent("'XA'")).toHaveLength(1);
  expect(audit.find((line) => line.event === 'statement' && line.kind === 'insert')).toMatchObject({
    decision: 'allow',
  });
  expect(JSON.stringify(audit)).not.toContain('Once');
});

test.each<[string, Answer]>([
  ['says no', { action: 'decline' }],
  ['closes the question', { action: 'cancel' }],
  ['accepts without a yes', { action: 'accept', content: { confirm: false } }],
])('a person who %s: nothing runs', async (_what, answer) => {
  const { write } = await start(WRITES, answer);
  const result = await write("INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES ('XB', 'Never', 'TEST')");
  expect(textOf(result)).toContain('WRITE_DECLINED');
  expect(sent("'XB'")).toEqual([]);
});

test('a client that cannot ask: refused, unless the operator has lifted that', async () => {
  const careful = await start(WRITES);
  expect(textOf(await careful.write("INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES ('XC', 'C', 'T')"))).toContain(
    'WRITE_UNCONFIRMED',
  );
  expect(sent("'XC'")).toEqual([]);
  const bold = await start({ ...WRITES, write_without_confirmation: true });
  const result = await bold.write("INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES ('XC', 'C', 'T')");
  expect(result.isError ?? false, textOf(result)).toBe(false);
  expect(sent("'XC'")).toHaveLength(1);
});

test.each([
  'DROP TABLE DEMO_DB.PUBLIC.COUNTRIES',
  'SELECT 1',
  "INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES ('XD', 'D', 'T'); DELETE FROM DEMO_DB.PUBLIC.COUNTRIES",
])('what the policy does not open is refused before anybody is asked: %s', async (statement) => {
  const { write, questions } = await start(WRITES, YES);
  expect(textOf(await write(statement))).toContain('SQL_REFUSED');
  expect(questions).toEqual([]);
});

test('the read tool takes no write, whatever the policy opens', async () => {
  const { client } = await start(WRITES, YES);
  const query = {
    name: 'execute_query',
    arguments: { query: "INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES ('XE', 'E', 'T')" },
  };
  expect(textOf((await client.callTool(query)) as CallToolResult)).toContain('SQL_REFUSED');
  expect(sent("'XE'")).toEqual([]);
});

test('a write whose end nobody saw is not run again, and says how to find it', async () => {
  const { service } = await start(WRITES);
  const controller = new AbortController();
  const insert = `INSERT INTO DEMO_DB.PUBLIC.COUNTRIES SELECT 'XF', 'F', 'T' FROM TABLE(GENERATOR(ROWCOUNT => 10000000)) A, TABLE(GENERATOR(ROWCOUNT => 10000000)) B`;
  const writing = service.write(
    ask(insert, { report: (state) => void (state === 'running' && setTimeout(() => controller.abort(), 200)) }),
    controller.signal,
  );
  await expect(writing).rejects.toMatchObject({
    code: 'WRITE_OUTCOME_UNKNOWN',
    message: expect.stringContaining('r-1') as unknown,
  });
  expect(sent("'XF'")).toHaveLength(1);
  await service.run(ask('SELECT 1'), NEVER);
});

test('the text that runs is the text that was shown', async () => {
  const { write, questions } = await start(WRITES, YES);
  const statement = 'CREATE TABLE DEMO_DB.PUBLIC.SHOWN_AND_RUN (A NUMBER)';
  const result = await write(statement);
  expect(result.isError ?? false, textOf(result)).toBe(false);
  expect(questions[0]).toContain(statement);
  expect(sent('SHOWN_AND_RUN').map(({ sqlText }) => sqlText)).toEqual([statement]);
});

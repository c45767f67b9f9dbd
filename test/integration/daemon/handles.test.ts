/** A submitted statement outlives the daemon that took it: real processes, the state directory on disk, and an account of the test's own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { startDaemon } from '../../support/daemon.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';

let account: EmbeddedSnowflake;
let env: Record<string, string>;
beforeAll(async () => {
  const login = { account: 'TESTACCOUNT', user: 'ALICE', password: 'pa55-word-XYZ' };
  // Longer than a restart takes on a machine that has other work.
  account = await startEmbedded({ ...login, delayMs: 20_000, longPollMs: 50 });
  env = {
    SNOWFLAKE_ACCESS_URL: account.url,
    SNOWFLAKE_ACCOUNT: 'TESTACCOUNT',
    SNOWFLAKE_USER: 'ALICE',
    SNOWFLAKE_PASSWORD: 'pa55-word-XYZ',
  };
});
afterAll(() => account.close());

test('restart: a statement submitted to one daemon runs on and is read from the next one', async () => {
  await using daemon = await startDaemon({ demo: false, workers: 2, env });
  const before = await connectClient(daemon.url);
  const submitted = await before.call('query_submit', { query: 'SELECT 44 AS OUTLIVES' });
  expect(submitted.isError ?? false, textOf(submitted)).toBe(false);
  const { query_id: id } = submitted.structuredContent as { query_id: string };
  await before.close();
  const restarted = await daemon.cli('restart');
  expect(restarted.code, restarted.stderr).toBe(0);
  expect(account.queries().find((query) => query.sqlText.includes('OUTLIVES'))?.state).toBe('running');
  const after = await connectClient((await daemon.status()).url);
  const result = await after.call('query_result', { query_id: id, wait_seconds: 40 });
  expect(result.structuredContent, textOf(result)).toMatchObject({ state: 'succeeded', rows: [[44]] });
  const query = account.queries().filter(({ sqlText }) => sqlText.includes('OUTLIVES'));
  expect(query.map(({ state }) => state)).toEqual(['success']);
  expect(JSON.parse(query[0]?.queryTag ?? '{}')).toMatchObject({ tool: 'query_submit' });
  await after.close();
});

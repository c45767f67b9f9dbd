/** Keys as an operator meets them: on the command line, beside a real daemon that serves other machines. */
import { expect, test } from 'vitest';
import { daemonHome, samples, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { run } from '../../support/process.ts';
import { INITIALIZE, post } from '../../support/worker-client.ts';

test('public: refused without a key, with the words that make one', async () => {
  const home = daemonHome();
  const env = { ...home.env, SERVER_HOST: '0.0.0.0' };
  const refused = await run('bin/snowflake-mcp-daemon.js', ['start', '--demo', ...home.flags], { env, cwd: home.dir });
  expect([refused.code, refused.stderr]).toEqual([
    78,
    expect.stringContaining('snowflake-mcp-daemon keys create --name'),
  ]);
});

test('keys: made while the daemon runs they switch it on, every worker knows them, and a reload changes nothing', async () => {
  await using daemon = await startDaemon({ workers: 2 });
  const status = async (key?: string) => {
    const answer = await post(daemon.url, INITIALIZE, key === undefined ? {} : { authorization: `Bearer ${key}` });
    await answer.text();
    return answer.status;
  };
  expect(await status()).toBe(200);
  const created = await daemon.cli('keys', 'create', '--name', 'agent', '--role', 'SYSADMIN', '--expires', '30d');
  const key = created.stdout.trim();
  await eventually(async () =>
    (await Promise.all([status(), status(), status(), status()])).every((code) => code === 401),
  );
  const client = await connectClient(daemon.url, { headers: { authorization: `Bearer ${key}` } });
  const who = await client.call('whoami');
  expect(who.structuredContent).toMatchObject({ role: 'SYSADMIN', principal: expect.stringMatching(/^key:agent\./) });
  expect((await daemon.cli('reload', '--wait')).code).toBe(0);
  expect(textOf(await client.call('execute_query', { query: 'SELECT 1 AS ONE' }))).toContain('ONE');
  await client.close();
  const listed = JSON.parse((await daemon.cli('keys', 'list', '--json')).stdout) as {
    keys: { last_used: string | null }[];
  };
  expect(listed.keys[0]?.last_used).not.toBeNull();
  await eventually(async () => {
    const left = [...samples(await daemon.metrics(), 'mcp_key_expiry_seconds').values()][0] ?? 0;
    return left > 29 * 86_400 && left < 31 * 86_400;
  });
  expect(daemon.logText('audit.log')).not.toContain(key);
  expect((await daemon.cli('keys', 'revoke', 'agent')).code).toBe(0);
  await eventually(async () => (await status(key)) === 401);
});

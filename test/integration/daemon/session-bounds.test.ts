/** How many sessions there may be, where they are kept while the store is away, and that two daemons never share a directory. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

const LIST = { jsonrpc: '2.0', id: 7, method: 'tools/list' };
const [ALICE, BOB] = ['a'.repeat(32), 'b'.repeat(32)];

async function listing(daemon: Daemon, id: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await post(daemon.url, LIST, { 'mcp-session-id': id, ...headers });
  await answer.text();
  return answer.status;
}

test('bounds: a principal at its bound is told to come back, whichever worker it asks; no session of anybody ends for it', async () => {
  await using dir = tempDir();
  const file = join(dir.path, 'c.json');
  writeFileSync(file, JSON.stringify({ state: { max_sessions_per_principal: 3 } }));
  await using daemon = await startDaemon({ env: { API_KEYS: `${ALICE},${BOB}` }, args: ['--config', file] });
  const [alice, bob] = [{ 'x-api-key': ALICE }, { 'x-api-key': BOB }];
  const held = [await rawSession(daemon.url, alice), await rawSession(daemon.url, alice)];
  const others = [await rawSession(daemon.url, bob)];
  held.push(await rawSession(daemon.url, alice));
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const refused = await post(daemon.url, INITIALIZE, { ...alice, connection: 'close' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect(await refused.text()).toContain('TOO_MANY_SESSIONS');
  }
  for (const id of held) expect(await listing(daemon, id, alice)).toBe(200);
  for (const id of others) expect(await listing(daemon, id, bob)).toBe(200);
  others.push(await rawSession(daemon.url, bob));

  const ended = await fetch(`${daemon.url}/mcp`, {
    method: 'DELETE',
    headers: { ...alice, 'mcp-session-id': held[0] ?? '' },
  });
  expect(ended.status).toBe(200);
  await rawSession(daemon.url, alice);
});

test('store: sessions made while it cannot be used move into it when it can, and then outlive their worker', async () => {
  await using dir = tempDir();
  const state = join(dir.path, 'state');
  writeFileSync(state, 'in the way');
  const env = { STATE_DIR: state, KEYS_FILE: join(dir.path, 'keys.json') };
  await using daemon = await startDaemon({ env });
  const kind = async () =>
    (
      (await (await fetch(`${daemon.url}/health`, { headers: { connection: 'close' } })).json()) as {
        session_store: string;
      }
    ).session_store;
  // Each worker says so before anybody has asked it for a session.
  for (let ask = 0; ask < 10; ask += 1) expect(await kind()).toBe('memory');
  const id = await rawSession(daemon.url);
  rmSync(state);
  mkdirSync(state, { mode: 0o700 });
  const owner = (await daemon.status()).workers[Number(id.split('-')[0]) - 1];
  const log = () => daemon.logText(`worker-${owner?.slot}.log`);
  await eventually(() => log().includes('store.recovered'), { what: 'the store is used', deadlineMs: 30_000 });
  process.kill(owner?.pid ?? 0, 'SIGKILL');
  const isBack = async () => {
    const status = await listing(daemon, id).catch(() => 503);
    expect([200, 503]).toContain(status);
    return status === 200;
  };
  await eventually(isBack, { what: 'the session goes on', deadlineMs: 30_000 });
});

test('state directory: a second daemon on it is refused with the number of the first, which serves on', async () => {
  await using daemon = await startDaemon({ workers: 1 });
  const id = await rawSession(daemon.url);
  const second = await startDaemon({ workers: 1, env: { STATE_DIR: join(daemon.dir, 'state') } }).then(
    (wrong) => {
      onTestFinished(() => wrong[Symbol.asyncDispose]());
      return 'it started';
    },
    (error: Error) => error.message,
  );
  expect(second).toMatch(/^start ended with 78\n/);
  expect(second).toContain(`Another daemon (PID: ${daemon.pid}) keeps its sessions in ${join(daemon.dir, 'state')}`);
  expect(await listing(daemon, id)).toBe(200);
});

/** Named Snowflake logins of client keys: statements, submitted ones and memory are kept apart. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import type { QueryService } from '../../../src/worker/query/service.ts';
import { SLOW_SQL } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let engine: EmbeddedSnowflake;
let dir: string;
let made: ReturnType<typeof testService>;
let service: QueryService;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'identities-'));
  const keyFile = join(dir, 'key.p8');
  writeFileSync(keyFile, privateKey, { mode: 0o600 });
  const login = { account: 'embedded', user: 'TESTER', password: 'pa55-word' };
  engine = await startEmbedded({ ...login, publicKeyPem: publicKey, longPollMs: 50 });
  made = testService({
    snowflake: {
      ...login,
      access_url: engine.url,
      identities: {
        reporting: { user: 'TESTER', private_key_path: keyFile, role: 'SYSADMIN' },
        broken: { user: 'TESTER', password: 'wrong' },
        empty: { user: 'TESTER' },
      },
    },
  });
  service = made.service;
});
afterAll(async () => {
  await service.close(1000);
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
});

const as = (identity: string | undefined) => ({
  caller: { tool: 'test', requestId: 'r', principal: 'p', ...(identity === undefined ? {} : { identity }) },
});
const roleOf = async (identity?: string) =>
  (await service.run(ask('SELECT CURRENT_ROLE()', as(identity)), NEVER)).rows[0]?.[0];

test('identity: a named login has a role and sessions of its own, also while others run', async () => {
  const roles = await Promise.all([roleOf(), roleOf('reporting'), roleOf(), roleOf('reporting')]);
  expect(roles[0]).not.toBe('SYSADMIN');
  expect(roles).toEqual([roles[0], 'SYSADMIN', roles[0], 'SYSADMIN']);
  expect(made.audit.filter((line) => line.identity === 'reporting').length).toBeGreaterThan(0);
});

test('identity: one that cannot log in fails alone, and uses no secret of another', async () => {
  await expect(roleOf('broken')).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  await expect(roleOf('empty')).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
  await expect(roleOf('nobody')).rejects.toMatchObject({ code: 'IDENTITY_UNKNOWN' });
  expect(await roleOf('reporting')).toBe('SYSADMIN');
});

test('identity: a submitted statement is asked for under the login that ran it', async () => {
  const { queryId } = await service.submit(ask('SELECT CURRENT_ROLE() AS R', as('reporting')), NEVER);
  await eventually(async () => (await service.submitted.state(queryId, NEVER, 'reporting')) === 'succeeded');
  const page = await service.submitted.page(queryId, { start: 0, maxRows: 5 }, as('reporting').caller, NEVER);
  expect(page.rows).toEqual([['SYSADMIN']]);
});

test('identity: what runs under a named login is told with it, and is cancelled by it', async () => {
  const running = service.run(ask(SLOW_SQL, as('reporting')), NEVER);
  running.catch(() => {});
  await eventually(() => service.running().length === 1);
  const [statement] = service.running();
  expect(statement?.identity).toBe('reporting');
  await service.submitted.cancel(String(statement?.queryId), 'operator', statement?.identity);
  await expect(running).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
});

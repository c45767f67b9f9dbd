import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withoutEnvFile } from '../../../src/primary/start-env.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'start-env-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('start-env: what the environment has from .env is left to the file, what somebody set stays', () => {
  writeFileSync(join(dir, '.env'), "LOG_LEVEL=debug\nSERVER_PORT='9000'\nSNOWFLAKE_ROLE=reader\n");
  const env = { LOG_LEVEL: 'debug', SERVER_PORT: '9000', SNOWFLAKE_ROLE: 'admin', PATH: '/bin' };
  expect(withoutEnvFile(env, dir)).toEqual({ SNOWFLAKE_ROLE: 'admin', PATH: '/bin' });
});

test('start-env: without a file, or with one that cannot be read, nothing is taken away', () => {
  const env = { LOG_LEVEL: 'debug' };
  expect(withoutEnvFile(env, dir)).toEqual(env);
  mkdirSync(join(dir, '.env'));
  expect(withoutEnvFile(env, dir)).toEqual(env);
});

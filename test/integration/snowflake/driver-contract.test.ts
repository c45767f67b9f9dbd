/**
 * The contract of the driver, run on snowflake-sdk with the embedded Snowflake, and with a real account when its login is
 * in the environment: SNOWFLAKE_TEST_ACCOUNT, SNOWFLAKE_TEST_USER and so on, as SNOWFLAKE_ACCOUNT ... elsewhere.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { loadConfig } from '../../../src/shared/config/load.ts';
import { configSchema } from '../../../src/shared/config/schema.ts';
import { createLog } from '../../../src/shared/log.ts';
import { createSdkDriver } from '../../../src/worker/snowflake/sdk-driver.ts';
import { driverContract } from '../../support/driver-contract.ts';

const log = createLog({ level: 'error', format: 'text', stream: process.stderr });

describe('embedded', () => {
  let engine: EmbeddedSnowflake;
  beforeAll(async () => {
    engine = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', longPollMs: 100 });
  });
  afterAll(() => engine.close());

  driverContract('embedded', () => {
    const account = { account: 'embedded', user: 'TESTER', password: 'pa55-word', access_url: engine.url };
    return createSdkDriver({ snowflake: configSchema.parse({ snowflake: account }).snowflake, log });
  });
});

const given = Object.entries(process.env).filter(([name, value]) => name.startsWith('SNOWFLAKE_TEST_') && value);

// Without an account there is nothing to run; with one the same promises are held there.
if (given.length > 0) {
  describe('account', () => {
    driverContract('account', () => {
      const env = Object.fromEntries(given.map(([name, value]) => [name.replace('_TEST_', '_'), value]));
      const { config } = loadConfig({ cwd: process.cwd(), flags: {}, demo: false }, env);
      return createSdkDriver({ snowflake: config.snowflake, log });
    });
  });
}

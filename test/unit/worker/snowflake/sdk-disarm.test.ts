/** What is set before and while the driver loads; dangers.test.ts shows most of it with the driver itself. */
import { devNull } from 'node:os';
import { expect, test } from 'vitest';
import { createLog } from '../../../../src/shared/log.ts';
import {
  disarmEnvironment,
  globalOptions,
  SAFE_CONNECTION_OPTIONS,
  SAFE_STATEMENT_PARAMETERS,
  SYNCHRONOUS_PARAMETERS,
} from '../../../../src/worker/snowflake/sdk-disarm.ts';

test('disarm: the import of the driver is told to probe no cloud, load no native module and write no cache', () => {
  const env: Record<string, string | undefined> = {};
  disarmEnvironment(env, undefined);
  expect(env).toEqual({
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    SNOWFLAKE_DISABLE_MINICORE: '1',
    SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: '1',
    SF_OCSP_RESPONSE_CACHE_DIR: devNull,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
});

test('disarm: a loopback account is kept from proxies beside the hosts that are listed, any other account is not', () => {
  const env: Record<string, string | undefined> = { NO_PROXY: 'intranet' };
  disarmEnvironment(env, 'http://127.0.0.1:8084');
  disarmEnvironment(env, 'http://127.0.0.1:8084');
  disarmEnvironment(env, 'https://acme.snowflakecomputing.com');
  expect(env.NO_PROXY).toBe('intranet,127.0.0.1');
});

test('disarm: cells are never evaluated, whatever reads them, and tokens stay in memory', async () => {
  const options = globalOptions(createLog({ level: 'error', format: 'json', stream: { write: () => undefined } }));
  const cell = '(globalThis.PWNED = 1, {})';
  expect(options.jsonColumnVariantParser?.(cell)).toBe(cell);
  expect(options.xmlColumnVariantParser?.(cell)).toBe(cell);
  expect(options.customLogger).toBeDefined();
  expect(options.disableOCSPChecks).toBe(false);
  const kept = options.customCredentialManager as unknown as {
    read(key: string): Promise<string | null>;
    write(key: string, token: string): Promise<void>;
    remove(key: string): Promise<void>;
  };
  await kept.write('k', 'token');
  expect(await kept.read('k')).toBe('token');
  await kept.remove('k');
  expect(await kept.read('k')).toBeNull();
});

test('disarm: each connection and statement carries the settings that no account may change', () => {
  expect(SAFE_CONNECTION_OPTIONS).toMatchObject({
    clientConfigFile: '',
    clientStoreTemporaryCredential: false,
    clientRequestMFAToken: false,
    clientSessionKeepAlive: false,
    arrayBindingThreshold: Number.MAX_SAFE_INTEGER,
    streamResult: true,
  });
  expect(SAFE_STATEMENT_PARAMETERS).toEqual({ MULTI_STATEMENT_COUNT: 1 });
  expect(SYNCHRONOUS_PARAMETERS).toEqual({ ABORT_DETACHED_QUERY: true });
});

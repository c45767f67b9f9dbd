/** What a container starts from: production.env, filled in as docs/container.md says, with server.yaml and its own variables. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadChecked } from '../../../src/shared/config/checked.ts';
import { ROOT } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const text = (path: string) => readFileSync(join(ROOT, 'deploy', path), 'utf8');

function compose(): Record<string, string> {
  const { services } = parse(text('docker/compose.yaml'), { merge: true }) as {
    services: Record<string, { environment: Record<string, string> }>;
  };
  return services['snowflake-mcp']?.environment ?? {};
}

function pod(): Record<string, string> {
  const { spec } = parse(text('kubernetes/base/deployment.yaml')) as {
    spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
  };
  const [container] = spec.template.spec.containers;
  return Object.fromEntries(container?.env.map(({ name, value }) => [name, value]) ?? []);
}

test.each([
  ['compose', compose],
  ['kubernetes', pod],
])('%s: listens on the addresses of the container and takes the key from the environment', async (_where, own) => {
  await using dir = tempDir();
  const key = join(dir.path, 'rsa_key.p8');
  execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', key], {
    stdio: 'ignore',
  });
  const lines = text('production.env').split('\n');
  const pairs = lines
    .filter((line) => /^\w+=/.test(line) && !line.startsWith('SNOWFLAKE_PRIVATE_KEY_PATH='))
    .map((line) => line.split('=') as [string, string]);
  const filled = {
    SNOWFLAKE_ACCOUNT: 'org-account',
    SNOWFLAKE_USER: 'MCP_SERVICE',
    SNOWFLAKE_PRIVATE_KEY: readFileSync(key).toString('base64'),
    API_KEYS: 'a-key-of-this-test-0123456789abcdef',
  };
  const env = { ...Object.fromEntries(pairs), ...filled, ...own() };
  const configFile = join(ROOT, 'deploy/kubernetes/base/server.yaml');
  const { config } = loadChecked({ cwd: dir.path, configFile, flags: {}, demo: false }, env);
  expect([config.server.host, config.metrics.host]).toEqual(['0.0.0.0', '0.0.0.0']);
  expect(config.workers).toMatchObject({ count: 2, max_memory_restart: 190 * 1024 ** 2 });
});

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { loadConfig } from '../../../src/shared/config/load.ts';

const FIXTURES = fileURLToPath(new URL('../../support/ecosystem/', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'import-'));
  copyFileSync(join(FIXTURES, 'services.config.cjs'), join(dir, 'services.config.js'));
  copyFileSync(join(FIXTURES, 'cluster.config.cjs'), join(dir, 'cluster.config.js'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function cli(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, {
    terminal: {
      print: (text) => out.push(text),
      note: (text) => err.push(text),
      redraw: () => {},
      progress: () => ({ step: () => {}, done: () => {} }),
    },
    cwd: dir,
    env: { PID_FILE: join(dir, 'd.pid') },
    interruption: () => new AbortController().signal,
    endOfReading: () => new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test.each([
  ['services.config.js', undefined],
  ['services.config.js', 'development'],
  ['cluster.config.js', 'production'],
])('import: the file made from %s with --env %s configures the same', async (file, environment) => {
  const env = environment === undefined ? [] : ['--env', environment];
  const { code, out } = await cli('config', 'import', file, '--out', 'out.yaml', ...env);
  expect([code, out]).toEqual([0, `Written: ${join(dir, 'out.yaml')}`]);
  expect(statSync(join(dir, 'out.yaml')).mode & 0o777).toBe(0o600);
  const load = (configFile: string, more: object) =>
    loadConfig({ cwd: dir, configFile, flags: {}, demo: true, ...more }, {}).config;
  expect(load('out.yaml', {})).toEqual(load(file, environment === undefined ? {} : { environment }));
});

test('import: every key says where it came from, and what was dropped says why', async () => {
  const { out } = await cli('config', 'import', 'services.config.js');
  for (const words of [
    '# apps[0].instances\n  count: 1',
    '# apps[0].args --port\n  port: 8000',
    '# apps[0].env.SNOWFLAKE_POOL_MAX_SIZE\n  max_size: 10',
    '# apps[0].log_file\n  file: ./logs/snowflake-mcp-http.log',
    "#   deploy: PM2's remote deployment",
    '#   apps[0].script: the program is this server itself',
    '#   apps[0].log_date_format: ',
    '#   env_production: import it with --env production into config/production.yaml',
    '#   app snowflake-mcp-websocket is merged',
  ]) {
    expect(out).toContain(words);
  }
});

test('import: secrets are named, not written', async () => {
  const app = { name: 'a', env: { SNOWFLAKE_PASSWORD: 'hunter2', API_KEY: 'hunter2', SNOWFLAKE_USER: 'ME' } };
  writeFileSync(join(dir, 'e.json'), JSON.stringify({ apps: [app] }));
  const { out } = await cli('config', 'import', 'e.json');
  expect(out).not.toContain('hunter2');
  expect(out).toContain('snowflake.password: set SNOWFLAKE_PASSWORD in the environment or in .env');
  expect(out).toContain('auth.api_keys: set API_KEYS');
  expect(out).toContain('user: ME');
});

test('import: a wrong file writes nothing and ends with 78; one that is there is not replaced without --force', async () => {
  writeFileSync(join(dir, 'bad.json'), '{"apps": [{"max_restarts": "ten", "scripts": 1}]}');
  const bad = await cli('config', 'import', 'bad.json', '--out', 'out.yaml');
  expect(bad.code).toBe(78);
  expect(bad.err).toMatch(/apps\[0\]\.scripts: is not a key.*did you mean script/);
  expect(bad.err).toContain('"ten" is not a whole number');
  expect(existsSync(join(dir, 'out.yaml'))).toBe(false);
  writeFileSync(join(dir, 'out.yaml'), 'mine');
  expect((await cli('config', 'import', 'cluster.config.js', '--out', 'out.yaml')).code).toBe(1);
  expect(readFileSync(join(dir, 'out.yaml'), 'utf8')).toBe('mine');
  expect((await cli('config', 'import', 'cluster.config.js', '--out', 'out.yaml', '--force')).code).toBe(0);
});

test('import: a file of our own form is not imported', async () => {
  writeFileSync(join(dir, 'own.yaml'), 'pool:\n  max_size: 3\n');
  const { code, err } = await cli('config', 'import', 'own.yaml');
  expect(code).toBe(78);
  expect(err).toContain('apps');
});

test.each([
  ['start now', 'start takes a configuration file'],
  ['start a.yaml --config b.yaml', 'start takes one file'],
])('start: `%s` is wrong usage', async (words, text) => {
  const { code, err } = await cli(...words.split(' '));
  expect(code).toBe(2);
  expect(err).toContain(text);
});

test('start: a PM2 file is checked before anything starts', async () => {
  writeFileSync(join(dir, 'e.config.js'), 'module.exports = { apps: [{ max_restart: 3 }] };');
  const { code, err } = await cli('start', 'e.config.js', '--demo');
  expect(code).toBe(78);
  expect(err).toContain('did you mean max_restarts?');
});

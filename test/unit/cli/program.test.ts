import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../../src/cli/command-table.ts';
import { runCli } from '../../../src/cli/program.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a command against an empty directory; no daemon is ever found there. */
async function cli(words: string, env: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    print: (text) => out.push(text),
    note: (text) => err.push(text),
    redraw: () => {},
    progress: (text) => {
      err.push(text);
      return { step: (next) => err.push(next), done: () => {} };
    },
  };
  const args = words === '' ? [] : words.split(' ');
  const code = await runCli(args, {
    terminal,
    cwd: dir,
    env: { PID_FILE: join(dir, 'd.pid'), LOG_FILE: join(dir, 'daemon.log'), ...env },
    interruption: () => new AbortController().signal,
    endOfReading: () => new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const SUBCOMMANDS = ['check', 'show', 'schema', 'init', 'import x', 'apply x', 'diff'].map((word) => `config ${word}`);
const KEYS = ['create --name x', 'list', 'revoke x', 'rotate x'].map((word) => `keys ${word}`);
const COMMANDS = [...COMMAND_NAMES, ...[...SUBCOMMANDS, ...KEYS].map((words) => words.replace(/ (x|--.*)$/, ''))];
/** With what each wants at least. */
const COMPLETE = [
  ...COMMAND_NAMES.filter((name) => name !== 'config' && name !== 'keys').map(
    (name) =>
      ({ scale: 'scale 1', restore: 'restore x', maintenance: 'maintenance on', completion: 'completion bash' })[
        name
      ] ?? name,
  ),
  ...SUBCOMMANDS,
  ...KEYS,
];

test.each(COMMANDS)('help: `%s --help` tells its options and ends with 0', async (command) => {
  const { code, out } = await cli(`${command} --help`);
  expect(code).toBe(0);
  for (const words of [command, '--config', '--env', '--pid-file']) expect(out).toContain(words);
});

test.each([
  'backup',
  'restore',
  'config apply',
  'setup-monitoring',
  'support-bundle',
  'report',
  'audit-secrets',
  'doctor',
])('help: `%s --help` shows an example', async (command) => {
  expect((await cli(`${command} --help`)).out).toMatch(new RegExp(`Examples:\\n +snowflake-mcp-daemon ${command} `));
});

test('help: the list names every command', async () => {
  const { out } = await cli('--help');
  for (const command of COMMAND_NAMES) expect(out).toContain(`snowflake-mcp-daemon ${command}`);
});

test.each([
  '',
  'strat',
  'start --no-such-flag',
  'stop --timeout x',
  'stop --timeout',
  'stop now',
  'config',
  'logs --level loud',
  'logs --since yesterday-ish',
  'logs --worker one',
  'maintenance maybe',
  'maintenance',
  'queries --kill',
  'queries --over long',
  'queries --slow --kill x',
  'sessions --limit 0',
  'doctor now',
  'advise --duration 0',
  'leak-check --duration forever',
  'leak-check --threshold much',
  'completion tcsh',
  'restart --safe --drain x',
  'restore',
  'restore a b',
  'backup --keep long',
  'setup-monitoring',
  'report --period long',
  'install-service --user Not-A-Name',
  'config apply',
  'config import',
  'keys create',
  'keys revoke',
  'scale many',
  ...COMPLETE.map((words) => `${words} --no-such-flag`),
])('usage: `%s` ends with 2, says why and what to do', async (words) => {
  const { code, out, err } = await cli(words);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^Error: .+\nNext: .*--help/s);
});

test.each(['stop', 'start --demo', 'status'])(
  '%s: an empty pid file names no other daemon, it is refused',
  async (command) => {
    expect(await cli(`${command} --pid-file=`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--pid-file is empty'),
    });
  },
);

test('status: without a daemon prints the old words alone and ends with 3', async () => {
  expect(await cli('status')).toEqual({ code: 3, out: 'Daemon is not running', err: '' });
  expect(await cli('status --json')).toEqual({ code: 3, out: '{"state":"stopped"}', err: '' });
});

test.each(['stop', 'reload', 'scale 2', 'logs --reopen'])(
  '%s: without a daemon says so and ends with 1',
  async (words) => {
    const { code, err } = await cli(words);
    expect(code).toBe(1);
    expect(err).toContain('Daemon is not running');
    expect(err).toContain('Next: Start it with `snowflake-mcp-daemon start`.');
  },
);

test('pid file: a stale one, or one of a stranger, is no daemon', async () => {
  for (const text of ['999999999\n', `${process.pid}\n`, '1\n', 'x\n', '']) {
    writeFileSync(join(dir, 'd.pid'), text);
    expect((await cli('status')).code).toBe(3);
  }
});

test('start: what cannot work is said before anything starts, with the documented exit code and no stack', async () => {
  const cases: readonly [string, Record<string, string>, RegExp, number][] = [
    ['start', {}, /credentials are incomplete/, 78],
    ['start --demo --host 0.0.0.0', {}, /API_KEYS/, 78],
    ['start --demo --port high --workers many', {}, /--port: .*\n.*--workers: /, 78],
    ['start --demo --config missing.yaml', {}, /missing\.yaml/, 78],
    ['start --demo --working-dir nowhere', {}, /working directory .*nowhere/, 1],
  ];
  for (const [words, env, message, exit] of cases) {
    const { code, err } = await cli(words, env);
    expect([words, code]).toEqual([words, exit]);
    expect(err).toMatch(message);
    expect(err).toMatch(/Next: /);
    expect(err).not.toMatch(/\n\s+at /);
  }
});

test('errors: show where they come from with DEBUG only', async () => {
  expect((await cli('stop', { DEBUG: '1' })).err).toMatch(/\n\s+at /);
});

test('status and stop: find their daemon with a configuration that would not start', async () => {
  writeFileSync(join(dir, 'snowflake-mcp.yaml'), 'pool:\n  max_size: many\n');
  expect((await cli('status')).code).toBe(3);
  expect((await cli('config check --demo')).code).toBe(78);
});

test('config check: tells the sources, the warnings and whether it is valid', async () => {
  const valid = await cli('config check --demo --port 9000', { MCP_HTTP_HOST: '127.0.0.1' });
  expect(valid).toMatchObject({ code: 0, out: 'The configuration is valid (from flags, environment)' });
  expect(valid.err).toContain('Warning: MCP_HTTP_HOST is an old name');
  const json = JSON.parse((await cli('config check --demo --json')).out) as Record<string, unknown>;
  expect(json).toEqual({ valid: true, sources: ['environment'], warnings: [] });
});

test('config show: tells values, places and no secret', async () => {
  const env = { SNOWFLAKE_PASSWORD: 'hunter2', API_KEYS: 'hunter3,hunter4', SNOWFLAKE_USER: 'ALICE' };
  const { out } = await cli('config show --port 9000', env);
  expect(out).toContain('port: 9000  # --port');
  expect(out).toContain('password: "***"  # SNOWFLAKE_PASSWORD in the environment');
  expect(out).toContain('user: ALICE');
  const json = (await cli('config show --json', env)).out;
  expect(JSON.parse(json)).toMatchObject({ auth: { api_keys: '***' }, snowflake: { password: '***' } });
  expect(out + json).not.toMatch(/hunter/);
});

test('config init: writes a file that loads, closed to others, and replaces none unasked', async () => {
  expect((await cli('config init')).code).toBe(0);
  expect(statSync(join(dir, 'snowflake-mcp.yaml')).mode & 0o777).toBe(0o600);
  const text = readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8');
  expect((await cli('config check --demo')).out).toContain('snowflake-mcp.yaml');
  expect(await cli('config init')).toMatchObject({ code: 1, err: expect.stringContaining('--force') });
  expect((await cli('config init --force')).code).toBe(0);
  expect((await cli('config init --config other.yaml')).out).toContain('other.yaml');
  expect(readFileSync(join(dir, 'other.yaml'), 'utf8')).toBe(text);
  expect((await cli('config init a.yaml --config b.yaml')).code).toBe(2);
  expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toBe(text);
});

test('config schema: prints the JSON Schema', async () => {
  expect(JSON.parse((await cli('config schema')).out)).toHaveProperty('properties.server');
});

test('logs: prints the last lines, of one worker, level or time', async () => {
  const line = (level: string, minute: number) => JSON.stringify({ time: `2026-01-01T00:0${minute}:00Z`, level });
  writeFileSync(
    join(dir, 'daemon.log'),
    `${line('info', 1)}\n${line('error', 2)}\n    at somewhere\n${line('debug', 3)}\n`,
  );
  writeFileSync(join(dir, 'worker-1.log'), 'of worker one\n');
  expect((await cli('logs')).out.split('\n')).toHaveLength(5);
  expect((await cli('logs -n 1')).out).toBe(line('debug', 3));
  expect((await cli('logs --level warn')).out).toBe(`${line('error', 2)}\n    at somewhere`);
  expect((await cli('logs --since 2026-01-01T00:03:00Z')).out).toBe(line('debug', 3));
  expect((await cli('logs --worker 1')).out).toBe('of worker one');
  expect(await cli('logs --worker 7')).toMatchObject({ code: 1, err: expect.stringContaining('worker-7.log') });
  writeFileSync(join(dir, 'application.log'), 'merged\n');
  expect((await cli('logs')).out).toBe('merged');
});

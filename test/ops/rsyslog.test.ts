/** The shipped configuration for rsyslog in the real rsyslogd: each line is handed on once, those of the audit log apart. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ROOT } from '../support/process.ts';
import { tempDir } from '../support/temp-dir.ts';

const FILES = ['daemon.log', 'worker-0.log', 'worker-1.log', 'application.log', 'audit.log'];

test('rsyslog: lines of the daemon and its workers arrive once and whole, those of the audit log in a file of their own', async () => {
  await using dir = tempDir();
  const inDir = (name: string) => join(dir.path, name);
  mkdirSync(inDir('log'));
  const shipped = readFileSync(join(ROOT, 'deploy/rsyslog/snowflake-mcp.conf'), 'utf8')
    .replaceAll('/var/log/snowflake-mcp/', `${inDir('log')}/`)
    .replaceAll('/var/log/', `${dir.path}/`);
  writeFileSync(inDir('conf'), `global(workDirectory="${dir.path}")\n${shipped}`);
  const daemon = spawn('rsyslogd', ['-n', '-f', inDir('conf'), '-i', inDir('pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = once(daemon, 'exit');
  onTestFinished(async () => {
    daemon.kill();
    await ended;
  });
  const lineOf = (file: string, number: number) => JSON.stringify({ event: 'query', file, number, msg: 'it\'s "ü"\t' });
  for (let number = 0; number < 3; number += 1) {
    for (const file of FILES) appendFileSync(join(inDir('log'), file), `${lineOf(file, number)}\n`);
  }
  const linesOf = (name: string) =>
    existsSync(inDir(name)) ? readFileSync(inDir(name), 'utf8').trimEnd().split('\n') : [];
  const wanted = (files: readonly string[]) => files.flatMap((file) => [0, 1, 2].map((number) => lineOf(file, number)));
  await eventually(
    () =>
      linesOf('snowflake-mcp-collected.log').length >= 9 && linesOf('snowflake-mcp-audit-collected.log').length >= 3,
    { what: 'all lines are handed on', deadlineMs: 30_000 },
  );
  expect(linesOf('snowflake-mcp-collected.log').sort()).toEqual(wanted(FILES.slice(0, 3)).sort());
  expect(linesOf('snowflake-mcp-audit-collected.log').sort()).toEqual(wanted(['audit.log']).sort());
  expect(said).toBe('');
});

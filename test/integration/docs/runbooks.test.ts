/**
 * Every line of the `sh` blocks is run as it stands, by a shell, against one daemon with the embedded Snowflake. Only the
 * two addresses are replaced by those of that daemon; everything else comes from the environment, as on a real machine.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { allPages, fencesOf } from '../../support/pages.ts';
import { cleanEnv, ROOT } from '../../support/process.ts';

const PAGES = allPages().filter((page) => page.startsWith('runbooks/') || page === 'docs/settings.md');
/** What only looks. Anything else is not run here, whatever a page says. */
const LOOKS =
  /^(snowflake-mcp-daemon [^;&]*|curl -fsS (-m 5 )?localhost:800[01]\/[^;&]*|df -h \/|cat \/proc\/loadavg)$/;
const LINES = [
  ...new Set(
    PAGES.flatMap(fencesOf)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ lines }) => lines),
  ),
];

let daemon: Daemon;
let env: Record<string, string>;

beforeAll(async () => {
  daemon = await startDaemon({ workers: 2 });
  const bin = join(daemon.dir, 'bin');
  mkdirSync(bin);
  symlinkSync(join(ROOT, 'bin/snowflake-mcp-daemon.js'), join(bin, 'snowflake-mcp-daemon'));
  env = cleanEnv({
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    PID_FILE: join(daemon.dir, 'd.pid'),
    STATE_DIR: join(daemon.dir, 'state'),
    LOG_FILE: join(daemon.dir, 'log', 'daemon.log'),
  });
});
afterAll(() => daemon?.[Symbol.asyncDispose]());

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

function shell(line: string): Promise<Outcome> {
  const words = line
    .replaceAll('localhost:8000', new URL(daemon.url).host)
    .replaceAll('localhost:8001', new URL(daemon.metricsUrl).host);
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-o', 'pipefail', '-c', words], { cwd: daemon.dir, env, timeout: 50_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.stdin.end();
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

test('runbooks: there are lines to run', () => {
  expect(LINES.length).toBeGreaterThan(20);
});

test.each(LINES)('runbooks: `%s` ends as the page says', async (line) => {
  expect(line, 'a line that does more than look belongs into a console block').toMatch(LOOKS);
  const expected = Number(/# exit (\d+)\s*$/.exec(line)?.[1] ?? 0);
  const ends = async () => {
    const { code, output } = await shell(line);
    if (code !== expected) throw new Error(`${code}: ${output}`);
    return true;
  };
  // `health` warns while the lag of the start is in sight.
  await (line.includes(' health') ? eventually(ends, { what: line, deadlineMs: 30_000, everyMs: 1000 }) : ends());
});

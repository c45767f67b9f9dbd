/**
 * A machine of its own for a test: Debian with a real systemd as process 1, in a container that is gone afterwards.
 *
 * It has this package and this node, both read-only, and no network but its loopback.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readFileSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.ts';
import { ROOT } from '../support/process.ts';

const HERE = fileURLToPath(new URL('./', import.meta.url));
/** Where the package stands inside. */
export const PACKAGE = '/usr/lib/node_modules/snowflake-mcp-daemon';
export const CLI = `${PACKAGE}/bin/snowflake-mcp-daemon.js`;

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Machine {
  readonly #nspawn: ChildProcess;
  readonly #state: string;
  readonly #leader: number;

  private constructor(nspawn: ChildProcess, state: string, leader: number) {
    this.#nspawn = nspawn;
    this.#state = state;
    this.#leader = leader;
  }

  static async boot(): Promise<Machine> {
    const root = prepareRoot();
    const state = mkdtempSync(join(tmpdir(), 'ops-'));
    const binds = [`${realpathSync(process.execPath)}:/usr/bin/node`, `${ROOT.replace(/\/$/, '')}:${PACKAGE}`];
    const modules = join(ROOT, 'node_modules');
    // In a worktree they may be a link to those of another.
    if (lstatSync(modules).isSymbolicLink()) binds.push(realpathSync(modules));
    const args = [`${HERE}machine.sh`, root, state, ...binds.map((bind) => `--bind-ro=${bind}`)];
    const nspawn = spawn('bash', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let console = '';
    for (const stream of [nspawn.stdout, nspawn.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        console = (console + text).slice(-20_000);
      });
    }
    try {
      const leader = await eventually(() => childOf(nspawn), { deadlineMs: 20_000, what: 'process 1 of the machine' });
      const machine = new Machine(nspawn, state, leader);
      await machine.#settle();
      return machine;
    } catch (error) {
      nspawn.kill('SIGKILL');
      await ended(nspawn);
      await removeTraces(state);
      throw new Error(`the machine does not boot\n${console}`, { cause: error });
    }
  }

  async #settle(): Promise<void> {
    const up = (what: string, words: string[], isUp = (said: Said) => said.code === 0) =>
      eventually(async () => isUp(await this.run(...words)), { deadlineMs: 30_000, what });
    await up('the manager listens', ['test', '-e', '/run/systemd/private']);
    // nspawn mounts the controllers of version 1 read-only; the manager notices them when it executes itself again.
    for (const name of ['memory', 'pids', 'cpu', 'cpuacct']) {
      await this.run('mount', '-o', 'remount,rw,bind', `/sys/fs/cgroup/${name}`);
    }
    await this.run('systemctl', 'daemon-reexec');
    await up('the machine is up', ['systemctl', 'is-system-running'], (said) => /running|degraded/.test(said.stdout));
  }

  /** Runs a program inside as root, to its end. */
  run(...words: string[]): Promise<Said> {
    const enter = ['-t', String(this.#leader), '-m', '-u', '-i', '-n', '-p', '-C', '--', 'env', '--chdir=/', ...words];
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8', NO_COLOR: '1' };
    return new Promise((resolve, reject) => {
      const child = spawn('nsenter', enter, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
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

  /** As `run`, and fails unless it ends with 0. @returns what it printed */
  async must(...words: string[]): Promise<string> {
    const said = await this.run(...words);
    if (said.code !== 0) throw new Error(`${words.join(' ')} ended with ${said.code}\n${said.stdout}\n${said.stderr}`);
    return said.stdout;
  }

  async write(path: string, text: string): Promise<void> {
    await this.must('/bin/sh', '-c', 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"', 'sh', path, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run('systemctl', 'poweroff', '--no-block');
    const timer = setTimeout(() => {
      process.kill(this.#leader, 'SIGKILL');
      this.#nspawn.kill('SIGKILL');
    }, 20_000);
    await ended(this.#nspawn);
    clearTimeout(timer);
    await removeTraces(this.#state);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** The control groups with whatever still lives in them, and the directory that names them. */
async function removeTraces(state: string): Promise<void> {
  const groups = readFileSync(join(state, 'cgroups'), 'utf8').trim().split('\n');
  await eventually(() => groups.filter((group) => existsSync(group)).map(removeGroup), { what: 'the machine is gone' });
  rmSync(state, { recursive: true, force: true });
}

/** Makes the Debian root when it is not there yet, which takes a minute. @returns its path */
export function prepareRoot(): string {
  const said = execFileSync(`${HERE}install.sh`, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return said.trim().split('\n').at(-1) ?? '';
}

/** The child of nspawn that has become systemd; before that it is nspawn still. */
function childOf(parent: ChildProcess): number | false {
  if (parent.exitCode !== null) throw new Error(`nspawn ended with ${parent.exitCode}`);
  const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim().split(' ');
  const init = children.find((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n');
  return init === undefined ? false : Number(init);
}

/** Removes a control group and those below it. Throws while a process is in one; it gets a signal to end. */
function removeGroup(group: string): void {
  const found = execFileSync('find', [group, '-depth', '-type', 'd'], { encoding: 'utf8' }).trim().split('\n');
  for (const path of found) {
    for (const pid of readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n')) {
      if (pid !== '') process.kill(Number(pid), 'SIGKILL');
    }
    rmdirSync(path);
  }
}

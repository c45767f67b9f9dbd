/**
 * The door to the machine's service manager, for the command that installs the service: its files and its programs.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { makeDirectories } from '../shared/directories.ts';
import { AppError } from '../shared/errors.ts';
import { UsageError } from './values.ts';

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** False in a container or an image that is being built: files can be written, but nobody can be told. */
export function isSystemdRunning(): boolean {
  return existsSync('/run/systemd/system');
}

/** The number of a group of this machine (group(5)). */
export function groupId(name: string): number | undefined {
  const line = readText('/etc/group')
    ?.split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

/** Undefined when there is no such file. */
export function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Replaces the file in one step. @throws AppError PATH_UNUSABLE */
export function writeText(path: string, text: string): void {
  attempt(path, () => {
    makeDirectories(dirname(path));
    writeFileSync(`${path}.new`, text);
    chmodSync(`${path}.new`, 0o644);
    renameSync(`${path}.new`, path);
  });
}

/** @returns the name of the copy */
export function keepCopy(path: string): string {
  const copy = `${path}.before`;
  attempt(path, () => copyFileSync(path, copy));
  return copy;
}

export function removeFile(path: string): void {
  attempt(path, () => rmSync(path, { force: true }));
}

/** @throws AppError SERVICE_COMMAND with what the program said */
export function runProgram(words: readonly string[]): void {
  const [program = '', ...args] = words;
  const ended = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (ended.status === 0) return;
  const reason = ended.error?.message ?? (ended.stderr.trim() || `exit code ${ended.status ?? ended.signal}`);
  throw new AppError('SERVICE_COMMAND', { command: words.join(' '), reason });
}

/** Asks on the terminal; anything but yes is no. @throws UsageError when there is nobody to ask */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError('this asks before it writes: run it in a terminal, or add --yes');
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}

function attempt(path: string, deed: () => void): void {
  try {
    deed();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AppError('PATH_UNUSABLE', { what: 'file', path, reason }, { cause: error });
  }
}

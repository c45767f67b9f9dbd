/**
 * Which one of several equal `start` commands goes on: the first. The others know it before they load or spawn anything,
 * so that many at once neither wait long nor crowd a busy machine.
 *
 * Equal means the same words, directory and environment: these name the same daemon whatever the configuration says.
 * Commands that differ, and daemons that run, are told apart later by the files of the daemon.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { findNameHolder, holdName } from '../shared/process-name.ts';

/** The words that scripts know. */
export const ALREADY_RUNNING = 'Daemon is already running';

/**
 * Taken until this process ends.
 * @returns the pid of the command whose turn it is; undefined when it is ours, or nobody can tell
 */
export async function takeStartTurn(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number | undefined> {
  const user = process.getuid?.() ?? 0;
  const all = JSON.stringify([args, cwd, Object.entries(env).sort()]);
  const name = `snowflake-mcp-start:${user}:${createHash('sha256').update(all).digest('hex').slice(0, 32)}`;
  try {
    if ((await holdName(name)) !== undefined) return undefined;
    const holder = findNameHolder(name);
    // Anybody may take a name; only a process of ours is believed.
    return holder !== undefined && statSync(`/proc/${holder}`).uid === user ? holder : undefined;
  } catch {
    return undefined;
  }
}

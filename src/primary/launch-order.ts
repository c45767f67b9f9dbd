/**
 * What this daemon is to start, from the command that spawned it: one line over the pipe it also reports on.
 *
 * The process is spawned before the command knows all of it, so that it boots meanwhile, and waits here with everything
 * loaded. There is nothing else to do, so it waits without its loop.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { LAUNCH_PIPE_FD, type LaunchOrder } from '../shared/launch.ts';

const CHUNK_BYTES = 64 * 1024;
/** A configuration is far smaller. */
const ORDER_MAX_BYTES = 16 * 1024 * 1024;
const STDERR_FD = 2;

/** Undefined when the command ended, or decided otherwise, without an order. */
export function readLaunchOrder(): LaunchOrder | undefined {
  const line = readLine();
  if (line === undefined) return undefined;
  const order = JSON.parse(line) as LaunchOrder;
  if (order.stderrFile !== undefined) moveStderr(order.stderrFile);
  return order;
}

function readLine(): string | undefined {
  const chunks: Buffer[] = [];
  for (let total = 0; total < ORDER_MAX_BYTES; ) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const count = readQuietly(chunk);
    if (count === 0) return undefined;
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (chunk[count - 1] === LINE_END) return Buffer.concat(chunks).toString('utf8');
  }
  return undefined;
}

const LINE_END = '\n'.charCodeAt(0);

/** 0 at the end, or when there is no pipe. */
function readQuietly(into: Buffer): number {
  try {
    return readSync(LAUNCH_PIPE_FD, into);
  } catch {
    return 0;
  }
}

/** The file takes the number of the pipe that has served so far: a file that is opened gets the lowest free one. */
function moveStderr(file: string): void {
  const { O_APPEND, O_NOFOLLOW, O_WRONLY } = constants;
  try {
    const fd = openSync(file, O_WRONLY | O_APPEND | O_NOFOLLOW);
    closeSync(STDERR_FD);
    const moved = openSync(file, O_WRONLY | O_APPEND | O_NOFOLLOW);
    closeSync(moved === STDERR_FD ? fd : moved);
  } catch {
    // It prints to a pipe that nobody reads then; its log is another file.
  }
}

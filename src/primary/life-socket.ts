/**
 * The mark of life of a primary on Linux: an abstract unix socket named by user and run directory (unix(7)).
 *
 * The kernel gives the name to one process and frees it when that one ends, however it ends; an owner that is paused or
 * blocked cannot lose it. Nobody connects to it. Elsewhere there is none, and the other checks must do.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';

export interface LifeSocket {
  release(): Promise<void>;
}

function nameOf(runDir: string): string {
  const hash = createHash('sha256').update(realpathSync(runDir)).digest('hex').slice(0, 16);
  return `snowflake-mcp:${process.getuid?.() ?? 0}:${hash}`;
}

/** @returns undefined when another process holds it */
export async function takeLifeSocket(runDir: string): Promise<LifeSocket | undefined> {
  if (process.platform !== 'linux') return { release: async () => {} };
  const server = createServer((socket) => socket.destroy());
  const isTaken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true);
      else reject(error);
    });
    server.listen(`\0${nameOf(runDir)}`, () => resolve(false));
  });
  if (isTaken) return undefined;
  server.on('error', () => {});
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The pid of the holder, when it is one of the processes we may look into. */
export function findLifeSocketHolder(runDir: string): number | undefined {
  try {
    // The kernel shows NUL as @, and libuv may fill the rest of the name with it.
    const suffix = ` @${nameOf(runDir)}`;
    const line = readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .find((entry) => entry.replace(/@+$/, '').endsWith(suffix));
    const inode = line?.trim().split(/\s+/)[6];
    if (inode === undefined) return undefined;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).find((pid) => holds(pid, `socket:[${inode}]`));
  } catch {
    return undefined;
  }
}

function holds(pid: number, target: string): boolean {
  try {
    const dir = `/proc/${pid}/fd`;
    return readdirSync(dir).some((fd) => linkOf(`${dir}/${fd}`) === target);
  } catch {
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

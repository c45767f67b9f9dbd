/**
 * A name that one process at a time can hold: an abstract unix socket (unix(7)), so Linux only.
 *
 * The kernel gives the name to one process and frees it when that one ends, however it ends; a holder that is paused or
 * blocked cannot lose it. Nobody connects to it.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

export interface HeldName {
  release(): Promise<void>;
}

/** Keeps no process alive. @returns undefined when another process holds it; elsewhere than on Linux nobody ever does */
export async function holdName(name: string): Promise<HeldName | undefined> {
  if (process.platform !== 'linux') return { release: async () => {} };
  const server = createServer((socket) => socket.destroy());
  const isTaken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true);
      else reject(error);
    });
    server.listen(`\0${name}`, () => resolve(false));
  });
  if (isTaken) return undefined;
  server.on('error', () => {});
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The pid of the holder, when it is one of the processes we may look into. */
export function findNameHolder(name: string): number | undefined {
  try {
    // The kernel shows NUL as @, and libuv may fill the rest of the name with it.
    const suffix = ` @${name}`;
    const line = readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .find((entry) => entry.replace(/@+$/, '').endsWith(suffix));
    const inode = line?.trim().split(/\s+/)[6];
    if (inode === undefined) return undefined;
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
    // The latest first: who is asked after has mostly just started.
    return pids.map(Number).findLast((pid) => holds(pid, `socket:[${inode}]`));
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

/** The door to who listens on a port: tried by listening there, then looked up in /proc (proc(5)). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

export type PortState =
  | { readonly kind: 'free' }
  | { readonly kind: 'forbidden'; readonly reason: string }
  /** Undefined when the processes of its user cannot be seen. */
  | { readonly kind: 'taken'; readonly owner: { readonly pid: number; readonly name: string } | undefined };

export async function lookAtPort(host: string, port: number): Promise<PortState> {
  if (port === 0) return { kind: 'free' };
  const code = await tryListening(host, port);
  if (code === undefined) return { kind: 'free' };
  if (code === 'EADDRINUSE') return { kind: 'taken', owner: listenerOf(port) };
  return { kind: 'forbidden', reason: code };
}

function tryListening(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

const LISTENING = '0A';

export function listenerOf(port: number): { pid: number; name: string } | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    read(file)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === LISTENING)
      .map((fields) => `socket:[${fields[9]}]`),
  );
  const pid = inodes.length === 0 ? undefined : pids().find((it) => linksOf(it).some((link) => inodes.includes(link)));
  return pid === undefined ? undefined : { pid, name: read(`/proc/${pid}/comm`).trim() };
}

const pids = () => list('/proc').map(Number).filter(Number.isInteger);

function linksOf(pid: number): string[] {
  return list(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

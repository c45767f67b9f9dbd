/**
 * The service port as systemd opened it (snowflake-mcp.socket): it stays open while the service restarts, so that
 * connections wait instead of being refused, and may be below 1024 without a capability.
 *
 * The descriptor is wrapped and left alone: whoever serves gets a copy of it (see handle), and closing that copy closes
 * nothing else. Protocol: sd_listen_fds(3).
 */
import { Socket } from 'node:net';
import { AppError } from './errors.ts';

/** The first descriptor that is handed over. */
const FIRST_FD = 3;

export interface InheritedSocket {
  readonly host: string;
  readonly port: number;
  /** For the channel of a worker, and for `listen` there. */
  readonly handle: object;
}

/**
 * Undefined when nothing was handed to this very process.
 * @throws AppError SOCKET_UNUSABLE
 */
export function inheritedSocket(
  env: Readonly<Record<string, string | undefined>>,
  pid = process.pid,
): InheritedSocket | undefined {
  if (env.LISTEN_PID !== String(pid) || env.LISTEN_FDS === undefined) return undefined;
  if (env.LISTEN_FDS !== '1') throw new AppError('SOCKET_UNUSABLE', { reason: `it holds ${env.LISTEN_FDS} sockets` });
  const holder = hold();
  const { localAddress: host, localPort: port } = holder;
  const { _handle: handle } = holder as { _handle?: object };
  if (host === undefined || port === undefined || handle === undefined) {
    throw new AppError('SOCKET_UNUSABLE', { reason: 'it is not a TCP socket' });
  }
  return { host, port, handle };
}

function hold(): Socket {
  try {
    return new Socket({ fd: FIRST_FD, readable: false, writable: false }).unref();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('SOCKET_UNUSABLE', { reason }, { cause: error });
  }
}

/**
 * The sockets of a worker: the service port, shared with the other workers through the cluster, and a unix socket of its
 * own for requests that fellows hand on and for the primary's health check. The own socket is there from the start; the
 * service port may be opened later, closed, and opened again.
 *
 * Closing is lazy: the port stops accepting, but connections that look idle are left alone, since a request may be on
 * its way on them. Their next answer says `Connection: close`.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, type ListenOptions, Server as NetServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { type ClientServerParts, createClientServer } from './client-server.ts';
import { INTERNAL_KEEP_ALIVE_MS } from './proxy.ts';

/** A socket that listens already. */
export interface InheritedPort {
  close(): void;
}

export interface Listeners {
  /** 0 until the service port was opened for the first time. */
  port(): number;
  /**
   * Opens the service port; nothing when it is open.
   * @param inherited the port as the service manager opened it, a copy that is used once
   * @throws AppError PORT_IN_USE, PORT_FORBIDDEN
   */
  listen(inherited?: InheritedPort): Promise<void>;
  /** Open client connections, those of fellows not counted. */
  connections(): number;
  /** Those since the start. */
  opened(): number;
  /** Stops accepting, also what is just being opened; no connection is touched. */
  stopAccepting(): void;
  closeIdle(): void;
  /** Ends everything at once, the own socket too. */
  closeAll(): Promise<void>;
}

const OWN_HEADERS_BYTES = 8192;
/** For a fellow's requests that are being answered when everything ends. */
const LAST_WORD_MS = 100;
/** Errors of an address family this machine does not have. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

function listen(server: Server, options: ListenOptions | InheritedPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): AppError {
  const place = { host, port, key: 'server.port' };
  return error.code === 'EADDRINUSE'
    ? new AppError('PORT_IN_USE', place, { cause: error })
    : new AppError('PORT_FORBIDDEN', { ...place, reason: error.code ?? error.message }, { cause: error });
}

/** `localhost` is both loopback addresses; with a free port only one, since the same must be free on both. */
function addresses(host: string, port: number): readonly string[] {
  if (host !== 'localhost') return [host];
  return port === 0 ? ['127.0.0.1'] : ['127.0.0.1', '::1'];
}

async function listenShared(parts: ClientServerParts, inherited: InheritedPort | undefined): Promise<Server[]> {
  const { settings } = parts;
  if (inherited !== undefined) {
    const server = createClientServer(parts);
    await listen(server, inherited);
    return [server];
  }
  const servers: Server[] = [];
  for (const host of addresses(settings.host, settings.port)) {
    const server = createClientServer(parts);
    try {
      await listen(server, { host, port: settings.port });
      servers.push(server);
    } catch (error) {
      const fault = error as NodeJS.ErrnoException;
      if (servers.length > 0 && NO_SUCH_ADDRESS.has(fault.code ?? '')) continue;
      for (const open of servers) open.close();
      throw listenFault(fault, settings.host, settings.port);
    }
  }
  return servers;
}

/**
 * Listens on `socketPath` only.
 * @throws AppError PATH_UNUSABLE
 */
export async function openListeners(
  socketPath: string,
  parts: Omit<ClientServerParts, 'open' | 'onOpened'>,
): Promise<Listeners> {
  const { settings, front } = parts;
  const internal = createServer(
    // What a fellow hands on has a few headers more than the client has sent.
    { keepAliveTimeout: INTERNAL_KEEP_ALIVE_MS, maxHeaderSize: settings.max_header_size + OWN_HEADERS_BYTES },
    (request, response) => {
      parts.countUnread(response);
      front.internal(request, response);
    },
  );
  try {
    rmSync(socketPath, { force: true });
    // Without `exclusive` a cluster worker would share even this socket.
    await listen(internal, { path: socketPath, exclusive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('PATH_UNUSABLE', { what: 'worker socket', path: socketPath, reason }, { cause: error });
  }
  /** Servers that accept now, and all that were ever opened: they may still have connections. */
  let shared: readonly Server[] = [];
  const opened: Server[] = [];
  let opening: Promise<void> | undefined;
  let isWanted = false;
  let port = 0;
  const connections = new Set<Socket>();
  let everOpened = 0;
  const open = async (inherited: InheritedPort | undefined) => {
    shared = await listenShared({ ...parts, open: connections, onOpened: () => everOpened++ }, inherited);
    opened.push(...shared);
    const address = shared[0]?.address() as AddressInfo | null;
    port = address?.port ?? settings.port;
    if (!isWanted) close();
  };
  const close = () => {
    const closing = shared;
    shared = [];
    opening = undefined;
    // http's own close would end connections that look idle.
    for (const server of closing) NetServer.prototype.close.call(server);
  };
  return {
    port: () => port,
    listen: (inherited) => {
      isWanted = true;
      if (opening !== undefined) inherited?.close();
      opening ??= open(inherited);
      return opening;
    },
    connections: () => connections.size,
    opened: () => everOpened,
    stopAccepting: () => {
      isWanted = false;
      // One that is being opened is closed when it is open, unless it is wanted again by then.
      if (shared.length > 0) close();
    },
    closeIdle: () => {
      for (const server of opened) server.closeIdleConnections();
    },
    closeAll: async () => {
      for (const server of opened) server.closeAllConnections();
      const ended = new Promise((resolve) => NetServer.prototype.close.call(internal, resolve));
      // What a fellow has sent meanwhile gets its answer: that its session is elsewhere.
      await new Promise((resolve) => setImmediate(resolve));
      internal.closeIdleConnections();
      await Promise.race([ended, pause(LAST_WORD_MS)]);
      internal.closeAllConnections();
      await ended;
    },
  };
}

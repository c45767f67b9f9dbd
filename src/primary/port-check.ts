/**
 * Finds out, before any worker starts, whether the service can listen where it is told to, so that a taken port is one
 * clear message instead of a crash loop. The sockets are closed again: the workers share theirs through node:cluster.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { AppError } from '../shared/errors.ts';

/** How often another free port is tried when the one of IPv4 is taken on IPv6. */
const FREE_PORT_TRIES = 10;

/**
 * @returns the port to use: the given one, or a free one for 0
 * @throws AppError PORT_IN_USE, PORT_FORBIDDEN
 */
export async function claimPort(host: string, port: number, key: string): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const open: Server[] = [];
    try {
      return await bindAll(host, port, open);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (port === 0 && code === 'EADDRINUSE' && tries < FREE_PORT_TRIES) continue;
      if (code === 'EADDRINUSE') throw new AppError('PORT_IN_USE', { host, port, key }, { cause: error });
      throw new AppError('PORT_FORBIDDEN', { host, port, key, reason: code }, { cause: error });
    } finally {
      await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
    }
  }
}

export interface FreePort {
  readonly port: number;
  release(): void;
}

/**
 * Keeps a free port for workers that listen on it later, again and again: a connection of this process comes from it, so
 * that the system gives it to nobody else who asks for any. Listening on it works all the same.
 * @throws AppError PORT_IN_USE, PORT_FORBIDDEN
 */
export async function keepFreePort(host: string, key: string): Promise<FreePort> {
  const loopback = host.includes(':') ? '::1' : '127.0.0.1';
  const other = createServer();
  await once(other.listen({ host: loopback, port: 0, exclusive: true }), 'listening');
  const to = { host: loopback, port: (other.address() as AddressInfo).port };
  const localAddress = host === 'localhost' ? loopback : host;
  try {
    for (let tries = 1; ; tries += 1) {
      const port = await claimPort(host, 0, key);
      const keeper = connect({ ...to, localAddress, localPort: port });
      try {
        const [[end]] = (await Promise.all([once(other, 'connection'), once(keeper, 'connect')])) as [[Socket], []];
        for (const socket of [end, keeper]) socket.on('error', () => {}).unref();
        return { port, release: () => void keeper.resetAndDestroy() };
      } catch (error) {
        // Somebody was quicker, or nothing leads from there to here: then it is not kept.
        if (tries >= FREE_PORT_TRIES || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE')
          return { port, release: () => {} };
      }
    }
  } finally {
    other.close();
  }
}

async function bindAll(host: string, port: number, open: Server[]): Promise<number> {
  if (host !== 'localhost') return bind(host, port, open);
  const chosen = await bind('127.0.0.1', port, open);
  try {
    await bind('::1', chosen, open);
  } catch (error) {
    // A machine without IPv6 serves 127.0.0.1 alone.
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw error;
  }
  return chosen;
}

function bind(host: string, port: number, open: Server[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      open.push(server);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/**
 * The control socket: the command line's way to the running primary, one request a connection.
 *
 * The socket is 0600 in a directory that only its owner can enter. What arrives is bounded in bytes, time and number of
 * clients and is checked against the schema before anybody sees it. The answer is any number of progress lines and one
 * result or error line; a client that goes away or does not read harms nobody. A socket that somebody deleted is made again.
 */
import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import {
  CONTROL_MAX_REQUEST_BYTES,
  type ControlReply,
  type ControlRequest,
  controlRequestSchema,
  type DaemonStatus,
} from '../shared/control-api.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { findListener } from './control-probe.ts';
import { pathFault } from './path-fault.ts';

const REQUEST_WAIT_MS = 5000;
const CLIENTS_MAX = 32;
/** How often it is looked whether the socket is still there. */
const GUARD_MS = 5000;
/** Most bytes that wait for a client that does not read. */
const REPLY_MAX_BYTES = 1024 * 1024;
/** How long a client may take to read the last line and hang up. */
const LINGER_MS = 1000;
/** sun_path of unix(7), without its end mark. */
const PATH_MAX_BYTES = process.platform === 'linux' ? 107 : 103;

export type ControlHandler = (
  request: ControlRequest,
  progress: (text: string) => void,
) => Promise<DaemonStatus | { readonly text: string }>;

/** Those that still send their request can be cut off at any time; the others are owed an answer. */
type Clients = Map<Socket, 'reading' | 'owed'>;

/**
 * Only the owner of the run directory may call this: a socket that nobody listens on is taken away.
 * @throws AppError PATH_UNUSABLE
 */
export async function startControlServer(
  path: string,
  handle: ControlHandler,
  log: Log,
  { requestWaitMs = REQUEST_WAIT_MS, guardMs = GUARD_MS } = {},
): Promise<{ close(): Promise<void> }> {
  const clients: Clients = new Map();
  const welcome = (socket: Socket) => {
    const isFull = clients.size >= CLIENTS_MAX;
    clients.set(socket, 'reading');
    socket.once('close', () => clients.delete(socket));
    socket.on('error', () => socket.destroy());
    if (isFull) answer(socket, refusal(`${CLIENTS_MAX} others are being answered`));
    else void serve(socket, clients, readLine(socket, requestWaitMs), handle, log);
  };
  let server = await openServer(path, welcome, log);
  let closing: Promise<void> | undefined;
  let isOpening = false;
  const reopen = async () => {
    isOpening = true;
    // First: a server that closes takes away what has its name then.
    server.close();
    try {
      server = await openServer(path, welcome, log);
      log.warn('control.reopened', 'the control socket was gone', { path });
    } catch {
      // Its directory is gone too: at the next look.
    }
    isOpening = false;
    if (closing !== undefined) server.close();
  };
  const guard = setInterval(() => {
    if (!isOpening && closing === undefined && !existsSync(path)) void reopen();
  }, guardMs).unref();
  const close = async () => {
    clearInterval(guard);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const timer = setTimeout(() => {
      for (const socket of clients.keys()) socket.destroy();
    }, LINGER_MS);
    for (const [socket, state] of clients) if (state === 'reading') socket.destroy();
    await closed;
    clearTimeout(timer);
  };
  return {
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function openServer(path: string, welcome: (socket: Socket) => void, log: Log): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, welcome);
  try {
    await takePath(server, path);
    chmodSync(path, 0o600);
  } catch (error) {
    server.close();
    throw pathFault('control socket', path, error);
  }
  server.on('error', (error) => log.warn('control.error', 'the control socket failed', { reason: error.message }));
  return server;
}

async function takePath(server: Server, path: string): Promise<void> {
  const unusable = (reason: string) => new AppError('PATH_UNUSABLE', { what: 'control socket', path, reason });
  if (Buffer.byteLength(path) > PATH_MAX_BYTES) {
    throw unusable(`it is longer than ${PATH_MAX_BYTES} bytes; choose a shorter server.pid_file`);
  }
  try {
    await listen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!lstatSync(path).isSocket()) throw unusable('something that is not a socket has its name');
    if ((await findListener(path)) !== undefined) throw unusable('another process listens on it');
    unlinkSync(path);
    await listen(server, path);
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function serve(
  socket: Socket,
  clients: Clients,
  line: Promise<string>,
  handle: ControlHandler,
  log: Log,
): Promise<void> {
  try {
    const request = parse(await line);
    clients.set(socket, 'owed');
    log.debug('control.request', `control request ${request.command}`, { command: request.command });
    const progress = (text: string) => send(socket, { type: 'progress', text });
    answer(socket, { type: 'result', data: await handle(request, progress) });
  } catch (error) {
    const known = toAppError(error, 'a control request');
    if (known.code === 'INTERNAL') log.error('control.failed', known.message, { cause: known.cause });
    answer(socket, { type: 'error', error: known.toBody() });
  }
}

/** The first line; what comes after it is read and thrown away. */
function readLine(socket: Socket, waitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const chunks: Buffer[] = [];
    const fail = (reason: string) => reject(badRequest(reason));
    const timer = setTimeout(() => fail(`no full line came within ${waitMs} ms`), waitMs);
    socket.once('close', () => {
      clearTimeout(timer);
      fail('the client went away');
    });
    socket.once('end', () => fail('it ended before the end of its line'));
    socket.on('data', (chunk: Buffer) => {
      const end = chunk.indexOf(0x0a);
      const part = end === -1 ? chunk : chunk.subarray(0, end);
      bytes += part.length;
      if (bytes > CONTROL_MAX_REQUEST_BYTES) fail(`it is longer than ${CONTROL_MAX_REQUEST_BYTES} bytes`);
      else chunks.push(part);
      if (end === -1 && bytes <= CONTROL_MAX_REQUEST_BYTES) return;
      clearTimeout(timer);
      socket.removeAllListeners('data').resume();
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

function parse(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw badRequest('it is not JSON', error);
  }
  const parsed = controlRequestSchema.safeParse(value);
  if (!parsed.success) throw badRequest(z.prettifyError(parsed.error).slice(0, 500), parsed.error);
  return parsed.data;
}

function badRequest(reason: string, cause?: unknown): AppError {
  return new AppError('CONTROL_BAD_REQUEST', { reason }, { cause });
}

function refusal(reason: string): ControlReply {
  return { type: 'error', error: new AppError('CONTROL_BUSY', { reason }).toBody() };
}

function send(socket: Socket, reply: ControlReply): void {
  if (socket.destroyed || socket.writableEnded) return;
  if (socket.writableLength > REPLY_MAX_BYTES) socket.destroy();
  else socket.write(`${JSON.stringify(reply)}\n`);
}

/** The last line; the connection ends when the client has read it. */
function answer(socket: Socket, reply: ControlReply): void {
  send(socket, reply);
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** One request to the daemon over its control socket; yields its replies until it closes the stream. */
import { connect, type Socket } from 'node:net';
import type { ControlReply, ControlRequest, DaemonStatus } from '../shared/control-api.ts';
import { AppError } from '../shared/errors.ts';
import type { DaemonPaths } from '../shared/paths.ts';

type Where = Pick<DaemonPaths, 'controlSocket' | 'pidFile'>;

/**
 * @param deadlineMs for the whole exchange
 * @throws AppError NOT_RUNNING when nobody listens, CONTROL_SILENT after the deadline
 */
export async function* control(
  where: Where,
  request: ControlRequest,
  deadlineMs: number,
): AsyncGenerator<ControlReply> {
  const socket = await open(where, deadlineMs);
  const silent = new AppError('CONTROL_SILENT', { socket: where.controlSocket, waitedMs: deadlineMs });
  const timer = setTimeout(() => socket.destroy(silent), deadlineMs);
  try {
    socket.setEncoding('utf8').write(`${JSON.stringify(request)}\n`);
    let rest = '';
    for await (const chunk of socket) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as ControlReply;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('NOT_RUNNING', { pidFile: where.pidFile }, { cause: error });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function open(where: Where, deadlineMs: number): Promise<Socket> {
  const socket = connect(where.controlSocket);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') {
        // The daemon's backlog is full: it is stopped or blocked.
        const waitedMs = deadlineMs;
        reject(new AppError('CONTROL_SILENT', { socket: where.controlSocket, waitedMs }, { cause: error }));
      } else if (error.code === 'EACCES' || error.code === 'EPERM') {
        const details = { what: 'control socket', path: where.controlSocket, reason: 'it belongs to another user' };
        reject(new AppError('PATH_UNUSABLE', details, { cause: error }));
      } else {
        reject(new AppError('NOT_RUNNING', { pidFile: where.pidFile }, { cause: error }));
      }
    });
  });
}

/** A failure the daemon answered with, in its own words. */
export class DaemonRefusal extends Error {
  override readonly name = 'DaemonRefusal';
  readonly body: Extract<ControlReply, { type: 'error' }>['error'];

  constructor(body: Extract<ControlReply, { type: 'error' }>['error']) {
    super(body.message);
    this.body = body;
  }
}

/**
 * Sends a request and returns its result; progress goes to `onProgress`.
 * @throws as `control`; DaemonRefusal with what the daemon answered
 */
export async function ask(
  where: Where,
  request: ControlRequest,
  options: { deadlineMs: number; onProgress?: (text: string) => void },
): Promise<Extract<ControlReply, { type: 'result' }>['data']> {
  for await (const reply of control(where, request, options.deadlineMs)) {
    if (reply.type === 'progress') options.onProgress?.(reply.text);
    else if (reply.type === 'result') return reply.data;
    else throw new DaemonRefusal(reply.error);
  }
  throw new AppError('NOT_RUNNING', { pidFile: where.pidFile });
}

const STATUS_DEADLINE_MS = 5000;

/** @throws as `ask` */
export async function askStatus(where: Where, deadlineMs = STATUS_DEADLINE_MS): Promise<DaemonStatus> {
  return (await ask(where, { command: 'status' }, { deadlineMs })) as DaemonStatus;
}

/**
 * One HTTP request to a worker of the running daemon, over that worker's own socket. The socket lies in a directory that
 * only the daemon's user may enter, so that every endpoint answers, whatever clients must send.
 */
import { request } from 'node:http';
import type { WorkerStatus } from '../shared/control-api.ts';
import { AppError, type ErrorBody } from '../shared/errors.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import { askStatus, DaemonRefusal } from './control-client.ts';

export interface WorkerQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With the query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole exchange. */
  readonly timeoutMs?: number;
}

export interface WorkerAnswer {
  readonly status: number;
  /** Parsed when it is JSON, its text otherwise. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Asks a ready worker; another one when the first has just gone. The answer may have any status.
 * @throws AppError NOT_RUNNING, CONTROL_SILENT, NO_WORKER_READY, WORKER_SILENT
 */
export async function askWorker(
  paths: Pick<DaemonPaths, 'controlSocket' | 'pidFile'>,
  question: WorkerQuestion,
): Promise<WorkerAnswer> {
  const { workers } = await askStatus(paths);
  const ready = workers.filter(({ state, socket }) => state === 'ready' && socket !== '');
  for (const worker of ready) {
    const answer = await exchange(worker, question);
    if (answer !== undefined) return answer;
  }
  throw new AppError('NO_WORKER_READY', { workers: workers.length });
}

/**
 * The body of an answer, which the caller knows the form of.
 * @throws as `askWorker`; DaemonRefusal with the error that was answered
 */
export async function askWorkerFor<Body>(
  paths: Pick<DaemonPaths, 'controlSocket' | 'pidFile'>,
  question: WorkerQuestion,
): Promise<Body> {
  const { status, body } = await askWorker(paths, question);
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as { error?: ErrorBody };
  if (status >= 400 && error !== undefined) throw new DaemonRefusal(error);
  return body as Body;
}

/** Undefined when nobody listens there any more: nothing was sent. */
function exchange(worker: WorkerStatus, question: WorkerQuestion): Promise<WorkerAnswer | undefined> {
  const { method, path, body, timeoutMs = TIMEOUT_MS } = question;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') return resolve(undefined);
      reject(new AppError('WORKER_SILENT', { worker: worker.slot, path, waitedMs: timeoutMs }, { cause: error }));
    };
    const headers = { host: 'localhost', ...type, ...question.headers };
    const call = request({ socketPath: worker.socket, method, path, headers, agent: false, signal });
    call.on('error', fail);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8');
        const isJson = /^application\/json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 500,
          body: isJson ? JSON.parse(answer) : answer,
          headers: response.headers,
        });
      });
    });
    call.end(text);
  });
}

/**
 * The statements that run now, asked of one ready worker over its own socket: it answers for all workers.
 *
 * Only what tells them apart is kept: never who asked, a whole query id or a session.
 */
import { request } from 'node:http';
import type { WorkerStatus } from '../../shared/control-api.ts';

export interface QueryRow {
  /** The end of Snowflake's id, or that there is none yet. */
  readonly query: string;
  readonly tool: string;
  readonly worker: string;
  readonly state: string;
  readonly seconds: number;
}

const WAIT_MS = 900;
const ANSWER_MAX = 1024 * 1024;
const ROWS_MAX = 500;
const WORD_MAX = 40;

/** Undefined when no worker could tell in time. Never throws. */
export async function askQueries(workers: readonly WorkerStatus[]): Promise<readonly QueryRow[] | undefined> {
  const ready = workers.find(({ state, socket }) => state === 'ready' && socket !== '');
  if (ready === undefined) return undefined;
  try {
    return queryRowsOf(JSON.parse(await answerOf(ready.socket)));
  } catch {
    return undefined;
  }
}

/** Takes what a worker answers; rows that are not as expected are left out. */
export function queryRowsOf(answer: unknown): readonly QueryRow[] {
  if (!Array.isArray(answer)) return [];
  return answer.slice(0, ROWS_MAX).flatMap((row: unknown) => {
    if (typeof row !== 'object' || row === null) return [];
    const { query_id, tool, worker, state, seconds } = row as Readonly<Record<string, unknown>>;
    const query = typeof query_id === 'string' ? `…${query_id.slice(-8)}` : 'not yet known';
    const [toolText, workerText, stateText] = [tool, worker, state].map((it) => String(it ?? '').slice(0, WORD_MAX));
    if (typeof seconds !== 'number') return [];
    return [{ query, tool: toolText ?? '', worker: workerText ?? '', state: stateText ?? '', seconds }];
  });
}

function answerOf(socketPath: string): Promise<string> {
  const signal = AbortSignal.timeout(WAIT_MS);
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost' };
    const call = request({ socketPath, path: '/api/debug/active-queries', headers, agent: false, signal });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('error', reject);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_MAX) call.destroy(new Error('the answer is too long'));
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`it answers ${response.statusCode}`)),
      );
    });
    call.end();
  });
}

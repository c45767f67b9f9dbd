/** Reads a request body up to a bound; what is larger is refused before it is kept. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';

/** How long the rest of a body that is refused is read and thrown away. */
const DISCARD_MS = 2000;

/** @throws AppError BODY_TOO_LARGE, BAD_REQUEST when the client breaks off */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = () => {
      request.removeAllListeners('data');
      // Answering while the client still writes would reset the connection before it has read the answer.
      const answer = () => reject(new AppError('BODY_TOO_LARGE', { maxBytes }));
      const timer = setTimeout(answer, DISCARD_MS);
      request.once('end', () => {
        clearTimeout(timer);
        answer();
      });
      request.resume();
    };
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      refuse();
      return;
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) refuse();
      else chunks.push(chunk);
    });
    const breakOff = () => {
      if (!request.complete) reject(new AppError('BAD_REQUEST', { reason: 'the request broke off' }));
    };
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('close', breakOff);
    request.once('error', breakOff);
  });
}

/** Deepest nesting of a message; real ones stay below ten. */
const MAX_DEPTH = 64;

function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((item) => isTooDeep(item, depth - 1));
}

/** @throws AppError NOT_JSON, BAD_REQUEST when it is nested too deep */
export function parseJson(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AppError('NOT_JSON', {});
  }
  if (isTooDeep(value, MAX_DEPTH)) throw new AppError('BAD_REQUEST', { reason: `nested deeper than ${MAX_DEPTH}` });
  return value;
}

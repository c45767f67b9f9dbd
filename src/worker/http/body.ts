/** Reads a request body up to a bound; what is larger is refused before it is kept. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import type { BodyShare } from './body-budget.ts';

/** How long the rest of a body that is refused is read and thrown away. */
const DISCARD_MS = 2000;

/** What a body may take. */
interface BodyBounds {
  readonly maxBytes: number;
  /** Of what all bodies may take together. */
  readonly share?: { readonly maxBytes: number; readonly grow: BodyShare['grow'] };
}

/** @throws AppError BODY_TOO_LARGE, BODIES_FULL, BAD_REQUEST when the client breaks off */
export function readBody(request: IncomingMessage, { maxBytes, share }: BodyBounds): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let refusal: AppError | undefined;
    const refuse = (error: AppError) => {
      refusal = error;
      chunks = [];
      request.removeAllListeners('data');
      // Answering while the client still writes would reset the connection before it has read the answer.
      const timer = setTimeout(() => reject(error), DISCARD_MS);
      request.once('end', () => clearTimeout(timer));
      request.resume();
    };
    const tooLarge = () => new AppError('BODY_TOO_LARGE', { maxBytes });
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) refuse(tooLarge());
      else if (share?.grow(chunk.length) === false) refuse(new AppError('BODIES_FULL', { maxBytes: share.maxBytes }));
      else chunks.push(chunk);
    });
    const breakOff = () => {
      if (!request.complete) reject(new AppError('BAD_REQUEST', { reason: 'the request broke off' }));
    };
    request.once('end', () => {
      if (refusal !== undefined) reject(refusal);
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    request.once('close', breakOff);
    request.once('error', breakOff);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse(tooLarge());
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

/**
 * HTTP floor of the embedded Snowflake: bodies in, envelopes out.
 *
 * Snowflake answers application errors with status 200 and `success: false`; only what is not a call of the
 * protocol at all gets an HTTP error. Replies never carry a stack.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { SnowflakeError } from '../errors.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The protocol's answer to one call; the HTTP status is always 200. */
export interface Envelope {
  readonly success: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly data: unknown;
}

/** A request that is no call of the protocol: ends in an HTTP status. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;
const gunzipAsync = promisify(gunzip);

export function succeeded(data: unknown, code: string | null = null): Envelope {
  return { success: true, code, message: null, data };
}

export function refused(code: string, message: string, data: unknown = null): Envelope {
  return { success: false, code, message, data };
}

export function failed(error: SnowflakeError, queryId?: string): Envelope {
  const data = { errorCode: error.code, sqlState: error.sqlState, queryId, internalError: false, line: -1, pos: -1 };
  return refused(error.code, error.message, data);
}

/** The body as a JSON object; an empty body is `{}`. @throws HttpError 413 or 400 */
export async function readJson(request: IncomingMessage): Promise<Json> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new HttpError(413, `the body is larger than ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  if (bytes === 0) return {};
  try {
    const whole = Buffer.concat(parts);
    const isZipped = request.headers['content-encoding'] === 'gzip';
    const plain = isZipped ? await gunzipAsync(whole, { maxOutputLength: BODY_BYTES_MAX }) : whole;
    return asObject(JSON.parse(plain.toString('utf8')));
  } catch {
    throw new HttpError(400, 'the body is not JSON');
  }
}

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/** Announces the whole answer, sends half of it and closes the socket. */
export function sendHalf(response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.write(body.subarray(0, body.length >> 1), () => response.destroy());
}

export function sendGzip(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-encoding': 'gzip',
    'content-length': body.length,
  });
  response.end(body);
}

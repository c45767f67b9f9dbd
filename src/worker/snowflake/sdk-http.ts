/**
 * How statements leave snowflake-sdk 3.3.0 and their answers come back: by node's own HTTP client, over the driver's agents,
 * and so with its proxies and its checks of certificates.
 *
 * The driver's own way compresses each body and throws the result away, words each request several times for log lines that
 * are not written, and takes a client that can do much more: half of what a short statement costs a worker. Only what has
 * succeeded, or failed for good, ends here; what the driver would follow or try again goes its own way.
 */
import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** As the driver's callbacks take it. */
interface Reply {
  readonly status: number;
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly data: unknown;
  readonly body: unknown;
  getResponseHeader(name: unknown): unknown;
}

/** What is used of the options of the driver's HttpClient; not in its types. */
interface RequestOptions {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly data?: unknown;
  readonly body?: unknown;
  readonly params?: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly responseType?: string;
  readonly useSnowflakeRetryMiddleware?: boolean;
  readonly callback?: (error: unknown, reply: Reply | null, data: unknown) => unknown;
}

interface Client {
  readonly _connectionConfig: { getProxy(): unknown; getTimeout(): number | undefined; readonly agentClass?: unknown };
  getAgent(url: URL, proxy: unknown): Agent;
}

type Send = (this: Client, options: RequestOptions) => { abort(): void };

interface DriverUtil {
  readonly userAgent: string;
  nextSleepTime(base: number, cap: number, before: number): number;
  isRetryableHttpError(reply: { readonly statusCode: number }, retry403: boolean): boolean;
  convertSmkIdToString(text: string): string;
}

const SHORTENED = Symbol('shortened');
const DEFAULT_TIMEOUT_MS = 360_000;
const RETRY_CAP_SECONDS = 16;

/** Changes the driver for this process; further calls do nothing. */
export function shortenRequests(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('snowflake-sdk/dist/lib/http/base.js') as { prototype: { request: Send } };
  const util = require('snowflake-sdk/dist/lib/util.js') as DriverUtil;
  const used = [prototype.request, util.nextSleepTime, util.isRetryableHttpError, util.convertSmkIdToString];
  if (used.some((one) => typeof one !== 'function')) {
    throw new Error('this version of snowflake-sdk has another HTTP client');
  }
  if (SHORTENED in prototype) return;
  Object.defineProperty(prototype, SHORTENED, { value: true });
  prototype.request = shortWay(prototype.request, util);
}

function shortWay(longWay: Send, util: DriverUtil): Send {
  const agentFor = agentMemory();
  return function (this: Client, options) {
    const { callback } = options;
    if (callback === undefined || !isForStatement(this, options)) return longWay.call(this, options);
    const startedAt = Date.now();
    let isAborted = false;
    let end = () => {};
    const goLongWay = (more: Readonly<Record<string, string>> = {}) => {
      if (isAborted) return;
      const sent = longWay.call(this, { ...options, url: withParams(options.url, more) });
      end = () => sent.abort();
    };
    const tryAgain = () => {
      const pauseMs = util.nextSleepTime(1, RETRY_CAP_SECONDS, 1) * 1000;
      const timer = setTimeout(goLongWay, pauseMs, { clientStartTime: String(startedAt), retryCount: '1' });
      end = () => clearTimeout(timer);
    };
    const finish = (answer: Answer) => {
      if (answer.status >= 300 && answer.status < 400) goLongWay();
      else if (util.isRetryableHttpError({ statusCode: answer.status }, false)) tryAgain();
      else return tell(callback, answer, util);
      return undefined;
    };
    const url = new URL(withParams(options.url, options.params ?? {}));
    const sent = send(url, this, options, { agent: agentFor(this, url), userAgent: util.userAgent });
    end = sent.abort;
    void sent.answer.then(finish, (error: unknown) => (isAborted ? callback(error, null, null) : tryAgain()));
    return {
      abort: () => {
        isAborted = true;
        end();
      },
    };
  };
}

/** A request of the kind that statements make, with nothing set that only the driver's own way knows. */
function isForStatement(client: Client, options: RequestOptions): boolean {
  const { responseType, data, body, timeout, useSnowflakeRetryMiddleware } = options;
  const unusual = [responseType, data, body, timeout, client._connectionConfig.agentClass];
  return useSnowflakeRetryMiddleware === true && unusual.every((one) => one === undefined);
}

/** The driver looks its agent up at length for each request; it stays the same for a connection. */
function agentMemory(): (client: Client, url: URL) => Agent {
  const known = new WeakMap<Client, { origin: string; agent: Agent }>();
  return (client, url) => {
    const last = known.get(client);
    if (last?.origin === url.origin) return last.agent;
    const agent = client.getAgent(url, client._connectionConfig.getProxy());
    known.set(client, { origin: url.origin, agent });
    return agent;
  };
}

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function send(
  url: URL,
  { _connectionConfig: config }: Client,
  { method, headers, json }: RequestOptions,
  { agent, userAgent }: { readonly agent: Agent; readonly userAgent: string },
): { readonly answer: Promise<Answer>; abort(): void } {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const settings = {
    method,
    agent,
    timeout: config.getTimeout() || DEFAULT_TIMEOUT_MS,
    headers: {
      'user-agent': userAgent,
      'accept-encoding': 'gzip, deflate, br',
      ...headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  };
  const sent = (url.protocol === 'https:' ? requestTls : requestPlain)(url, settings);
  const answer = new Promise<Answer>((resolve, reject) => {
    // It may tell more than one; none must go unheard.
    sent.on('error', reject);
    sent.once('timeout', () => sent.destroy(failure('ETIMEDOUT', 'no answer in time')));
    sent.once('response', (incoming) => void read(incoming).then(resolve, reject));
  });
  sent.end(body);
  return { answer, abort: () => void sent.destroy(failure('ERR_CANCELED', 'canceled')) };
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const UNPACK: Readonly<Record<string, (packed: Buffer) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, Buffer>(gunzip),
  deflate: promisify<Buffer, Buffer>(inflate),
  br: promisify<Buffer, Buffer>(brotliDecompress),
};

async function read(incoming: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, statusMessage: statusText = '', headers } = incoming;
  const packed = await new Promise<Buffer>((resolve, reject) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.once('end', () => resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)));
    incoming.on('error', reject);
    incoming.once('close', () => reject(failure('ECONNRESET', 'the answer broke off')));
  });
  const unpack = UNPACK[headers['content-encoding'] ?? ''];
  return { status, statusText, headers, text: (unpack === undefined ? packed : await unpack(packed)).toString('utf8') };
}

/** What the callback cannot take comes back to it as a failure, as the driver does it. */
async function tell(
  callback: NonNullable<RequestOptions['callback']>,
  { status, statusText, headers, text }: Answer,
  util: DriverUtil,
): Promise<void> {
  try {
    const isGood = status >= 200 && status < 300;
    const data = isGood && isJson(headers) ? parse(text, util) : text;
    const getResponseHeader = (name: unknown) => headers[String(name).toLowerCase()];
    const reply = { status, statusCode: status, statusText, headers, data, body: data, getResponseHeader };
    await callback(null, reply, data);
  } catch (error) {
    await callback(error, null, null);
  }
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.toLowerCase().includes('application/json') === true;
}

/** Ids of keys are larger than a number holds. */
function parse(text: string, util: DriverUtil): unknown {
  return JSON.parse(text.includes('smkId') ? util.convertSmkIdToString(text) : text);
}

function withParams(url: string, params: Readonly<Record<string, string>>): string {
  const added = new URLSearchParams(params).toString();
  return added === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${added}`;
}

/**
 * A server that speaks just enough of Snowflake's protocol to answer what a test wants: hostile cells, lost sessions,
 * refusals, silence. What the clients sent is kept.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';

interface WireColumn {
  readonly name: string;
  readonly type: string;
  readonly scale?: number;
}

type WireAnswer =
  | {
      readonly columns: readonly WireColumn[];
      readonly rows: readonly (readonly (string | null)[])[];
      readonly parameters?: readonly { name: string; value: unknown }[];
      /** Bodies of further parts of the result. */
      readonly chunks?: readonly string[];
      /** Where the session is said to stand afterwards, in place of role R, warehouse W, DB.PUBLIC. */
      readonly state?: Readonly<Record<string, string>>;
      /** Rows that each of them is said to have; 1 unless told. */
      readonly chunkRows?: number;
      /** How the reply is packed. */
      readonly encoding?: keyof typeof PACK;
    }
  | { readonly code: string; readonly message: string; readonly sqlState?: string }
  /** With `location`, the path that the client is sent to. */
  | { readonly status: number; readonly location?: string }
  /** The `data` of a reply, as it is. */
  | { readonly data: unknown }
  | 'silence'
  /** The connection is cut. */
  | 'hang-up';

const PACK = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

/** A login that is let in, with parameters and a token for further logins with MFA. */
interface LoginAnswer {
  readonly parameters: readonly { name: string; value: unknown }[];
  readonly mfaToken?: string;
}

interface WireRequest {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WireServer {
  readonly url: string;
  readonly requests: readonly WireRequest[];
  statements(): string[];
  close(): Promise<void>;
}

export interface WireScript {
  /** The answer to the login, the n-th of which is asked for; undefined lets it in. */
  login?(count: number): WireAnswer | LoginAnswer | undefined;
  query(sql: string, count: number): WireAnswer;
  /** The answer to a request for new session tokens. */
  renew?(): { readonly code: string; readonly message: string };
  /** A token server at /oauth/token; gets the fields of the form. */
  token?(form: Readonly<Record<string, unknown>>): { readonly status: number; readonly body: unknown };
}

export async function startWire(script: WireScript): Promise<WireServer> {
  const requests: WireRequest[] = [];
  const counts = { login: 0, query: 0 };
  const server = createServer(async (request, response) => {
    const { pathname: path, searchParams: params } = new URL(request.url ?? '', 'http://localhost');
    const body = await readBody(request);
    requests.push({ path, params, headers: request.headers, body });
    if (path === '/session/v1/login-request') return send(response, login(script, counts.login++));
    if (path === '/session/token-request' && script.renew !== undefined) {
      return send(response, toReply(script.renew(), ''));
    }
    if (path === '/oauth/token') return send(response, script.token?.(body) ?? { status: 404, body: {} });
    if (path === '/queries/v1/query-request') {
      const answer = script.query(String(body.sqlText), counts.query++);
      if (answer === 'hang-up') request.socket.destroy();
      else if (answer !== 'silence') send(response, toReply(answer, `http://${request.headers.host}`));
      return;
    }
    if (path.startsWith('/chunk/')) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(decodeURIComponent(path.slice('/chunk/'.length)));
      return;
    }
    send(response, { status: 200, body: { success: true, code: null, message: null, data: {} } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    statements: () =>
      requests.filter(({ path }) => path.endsWith('query-request')).map(({ body }) => String(body.sqlText)),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly location?: string | undefined;
  readonly encoding?: keyof typeof PACK | undefined;
}

function login(script: WireScript, count: number): Reply {
  const told = script.login?.(count);
  const asked = typeof told === 'string' ? undefined : told;
  const parameters = asked !== undefined && 'parameters' in asked ? asked.parameters : [];
  const mfaToken = asked !== undefined && 'mfaToken' in asked ? asked.mfaToken : undefined;
  if (asked !== undefined && !('parameters' in asked)) return toReply(asked);
  const data = {
    token: randomUUID(),
    masterToken: randomUUID(),
    validityInSeconds: 3600,
    masterValidityInSeconds: 14_400,
    sessionId: count + 1,
    parameters,
    ...(mfaToken === undefined ? {} : { mfaToken }),
    sessionInfo: {},
  };
  return { status: 200, body: { success: true, code: null, message: null, data } };
}

function toReply(answer: Exclude<WireAnswer, string>, url = ''): Reply {
  if ('status' in answer) return { ...answer, body: {} };
  if ('data' in answer) return { status: 200, body: { success: true, code: null, message: null, data: answer.data } };
  const queryId = randomUUID();
  if ('code' in answer) {
    const { code, message, sqlState } = answer;
    return { status: 200, body: { success: false, code, message, data: { sqlState, queryId } } };
  }
  const rowtype = answer.columns.map(({ name, type, scale = 0 }) => ({
    name,
    type,
    scale,
    precision: 38,
    nullable: true,
  }));
  const { chunks = [], chunkRows = 1 } = answer;
  const total = answer.rows.length + chunks.length * chunkRows;
  const data = {
    rowtype,
    rowset: answer.rows,
    total,
    returned: total,
    ...(chunks.length === 0
      ? {}
      : {
          chunks: chunks.map((chunk) => ({ url: `${url}/chunk/${encodeURIComponent(chunk)}`, rowCount: chunkRows })),
          chunkHeaders: {},
        }),
    queryId,
    statementTypeId: 0x1000,
    parameters: answer.parameters ?? [],
    version: 1,
    finalDatabaseName: 'DB',
    finalSchemaName: 'PUBLIC',
    finalRoleName: 'R',
    finalWarehouseName: 'W',
    ...answer.state,
  };
  return { status: 200, body: { success: true, code: null, message: null, data }, encoding: answer.encoding };
}

function send(response: ServerResponse, { status, body, location, encoding }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(location === undefined ? {} : { location }),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  });
  response.end(encoding === undefined ? text : PACK[encoding](text));
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  const text = (raw[0] === 0x1f ? gunzipSync(raw) : raw).toString('utf8');
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

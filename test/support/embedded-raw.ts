/** A bare HTTP client of the embedded Snowflake, for what the driver does not let a test do. */
import { randomUUID } from 'node:crypto';
import { ACCOUNT, type Embedded, HOME, USER } from './embedded-driver.ts';

interface RawReply {
  readonly success: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RawSession {
  readonly token: string;
  readonly masterToken: string;
  call(method: string, path: string, body?: unknown, token?: string): Promise<RawReply>;
  query(sqlText: string, requestId?: string, parameters?: Readonly<Record<string, unknown>>): Promise<RawReply>;
}

/** Logs in with the password; the query call waits through "in progress" replies. */
export async function rawLogin(embedded: Embedded): Promise<RawSession> {
  const data = { ACCOUNT_NAME: ACCOUNT, LOGIN_NAME: USER, PASSWORD: embedded.password };
  const reply = await send(
    embedded.url,
    'POST',
    `/session/v1/login-request?databaseName=${HOME.database}&schemaName=${HOME.schema}`,
    { data },
    '',
  );
  const token = String(reply.data.token);
  const call: RawSession['call'] = (method, path, body, own = token) => send(embedded.url, method, path, body, own);
  return {
    token,
    masterToken: String(reply.data.masterToken),
    call,
    async query(sqlText, requestId = randomUUID(), parameters = {}) {
      let answer = await call('POST', `/queries/v1/query-request?requestId=${requestId}`, { sqlText, parameters });
      while (answer.code === '333333') answer = await call('GET', String(answer.data.getResultUrl));
      return answer;
    },
  };
}

async function send(url: string, method: string, path: string, body: unknown, token: string): Promise<RawReply> {
  const headers = { authorization: `Snowflake Token="${token}"`, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as RawReply;
}

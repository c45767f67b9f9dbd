/**
 * Session calls of the protocol: login, renewal, heartbeat and logout.
 *
 * As in Snowflake a login succeeds with an unknown database, schema or warehouse, which is then unset; an unknown
 * role refuses it. What exists is asked of the SQL side by running USE.
 */
import type { Clock } from '../../shared/clock.ts';
import { SnowflakeError } from '../errors.ts';
import { type Credentials, checkLogin } from './auth.ts';
import { asObject, asText, type Envelope, failed, type Json, refused, succeeded } from './http.ts';
import { loginParameters, sessionParameters } from './parameters.ts';
import type { ExecuteStatement, Queries } from './queries.ts';
import type { SessionRecord, Sessions } from './sessions.ts';

export interface LoginParts {
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly queries: Queries;
  readonly execute: ExecuteStatement;
  readonly clock: Clock;
  readonly tokenValidityMs: number;
  readonly sessionIdleMs: number;
}

const SERVER_VERSION = '9.38.0';

export async function login(parts: LoginParts, body: Json, query: URLSearchParams): Promise<Envelope> {
  const asked = asObject(body.data);
  const verdict = checkLogin(asked, parts.credentials, parts.clock.wall().getTime());
  if (!verdict.ok) return refused(verdict.code, verdict.message);
  let record: SessionRecord;
  try {
    record = await parts.sessions.open(parts.credentials.user, sessionParameters(asObject(asked.SESSION_PARAMETERS)));
  } catch (error) {
    if (error instanceof SnowflakeError) return failed(error);
    throw error;
  }
  const role = query.get('roleName');
  if (role !== null && role !== '' && !(await use(parts, record, 'ROLE', role))) {
    await parts.sessions.close(record);
    return refused('390189', `Role '${role}' specified in the connect string does not exist or not authorized.`);
  }
  for (const [kind, name] of [
    ['WAREHOUSE', query.get('warehouse')],
    ['DATABASE', query.get('databaseName')],
    ['SCHEMA', query.get('schemaName')],
  ] as const) {
    if (name !== null && name !== '') await use(parts, record, kind, name);
  }
  return succeeded(loginData(parts, record));
}

/** False when the SQL side does not know the object. */
async function use(parts: LoginParts, record: SessionRecord, kind: string, name: string): Promise<boolean> {
  try {
    const options = { describeOnly: false, queryId: '' };
    await parts.execute(`USE ${kind} ${asIdentifier(name)}`, record.session, [], options);
    return true;
  } catch {
    return false;
  }
}

/** A name of a login as an identifier: plain and quoted ones as they are, everything else quoted. */
function asIdentifier(name: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*)*$/.test(name) || /^"(?:[^"]|"")+"$/.test(name);
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}

function loginData(parts: LoginParts, record: SessionRecord): Json {
  const { session } = record;
  return {
    token: record.sessionToken,
    masterToken: record.masterToken,
    validityInSeconds: Math.ceil(parts.tokenValidityMs / 1000),
    masterValidityInSeconds: Math.ceil(parts.sessionIdleMs / 1000),
    sessionId: Number(session.id),
    displayUserName: session.user,
    serverVersion: SERVER_VERSION,
    firstLogin: false,
    healthCheckInterval: 45,
    parameters: loginParameters(session.parameters),
    sessionInfo: {
      databaseName: session.database ?? null,
      schemaName: session.schema ?? null,
      warehouseName: session.warehouse ?? null,
      roleName: session.role,
    },
  };
}

/** Answers the holder of the master token with a new session token. */
export function renew(parts: LoginParts, masterToken: string, body: Json): Envelope {
  if (asText(body.requestType) !== 'RENEW') return refused('390101', 'Request type is not supported.');
  const record = parts.sessions.renew(masterToken);
  if (record === undefined)
    return refused('390114', 'Authentication token has expired. The user must authenticate again.');
  return succeeded({
    sessionToken: record.sessionToken,
    masterToken: record.masterToken,
    validityInSecondsST: Math.ceil(parts.tokenValidityMs / 1000),
    validityInSecondsMT: Math.ceil(parts.sessionIdleMs / 1000),
    sessionId: Number(record.session.id),
  });
}

/** Cancels what still runs in the session, then forgets it. */
export function logout(parts: LoginParts, record: SessionRecord): Envelope {
  parts.queries.cancelSession(record.session.id);
  void parts.sessions.close(record);
  return succeeded(null);
}

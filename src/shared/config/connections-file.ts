/**
 * connections.toml: the file in which Snowflake's own tools keep named connections.
 *
 * A file that others may read, or its group may write, is refused. What is no secret becomes a layer of the
 * configuration, the weakest one; secrets are read again at each login (secrets.ts). No text of the file goes into a
 * message. Keys are written as Snowflake's tools write them, in snake_case or camelCase.
 */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { AppError } from '../errors.ts';
import { readBounded, reasonOf } from './bounded-file.ts';
import { emptyLayer, type Layer } from './layer.ts';

/** Their names -> the key of the section `snowflake`, where the two differ. */
const KEYS: Readonly<Record<string, string>> = {
  username: 'user',
  private_key_file: 'private_key_path',
  private_key_raw: 'private_key',
  private_key_file_pwd: 'private_key_passphrase',
  private_key_pwd: 'private_key_passphrase',
  private_key_pass: 'private_key_passphrase',
  workload_identity_azure_entra_id_resource: 'workload_identity_entra_resource',
};

/** Keys of the section that are secrets here; the others of SAME go into the layer. */
export const CONNECTION_SECRETS = [
  'password',
  'passcode',
  'private_key',
  'private_key_passphrase',
  'token',
  'oauth_client_secret',
] as const;

const SAME = [
  ...['account', 'user', 'role', 'warehouse', 'database', 'schema', 'authenticator', 'access_url'],
  ...['private_key_path', 'token_file_path', 'passcode_in_password', 'login_timeout'],
  ...['oauth_client_id', 'oauth_token_request_url', 'oauth_authorization_url', 'oauth_redirect_uri', 'oauth_scope'],
  ...['workload_identity_provider', 'workload_identity_entra_resource', 'workload_identity_impersonation_path'],
];

/** Parts of an address, joined to `access_url`. */
const ADDRESS = ['host', 'protocol', 'port', 'region'];

/** Where the file is when nobody says so. */
export function defaultConnectionsFile(snowflakeHome: string | undefined): string {
  const home = snowflakeHome?.trim() ? snowflakeHome.replace(/^~(?=\/|$)/, homedir()) : join(homedir(), '.snowflake');
  return join(home, 'connections.toml');
}

/**
 * One connection, by our names; whatever is unknown keeps its name.
 * @throws AppError CONFIG_UNREADABLE when the file is missing, open to others, no TOML, or has no such connection
 */
export function readConnection(file: string, name: string): ReadonlyMap<string, unknown> {
  refuseOpenFile(file);
  let tree: Record<string, unknown>;
  try {
    tree = parse(readBounded(file));
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { line } = error as { line?: number };
    throw unreadable(file, `${line === undefined ? '' : `line ${line}: `}it is not TOML`);
  }
  const named = isTable(tree.connections) ? { ...tree.connections, ...tree } : tree;
  const found = Object.hasOwn(named, name) ? named[name] : undefined;
  if (!isTable(found)) {
    const known = Object.keys(named).filter((key) => key !== 'connections' && isTable(named[key]));
    throw unreadable(file, `it has no connection ${name} (it has ${known.join(', ') || 'none'})`);
  }
  return new Map(Object.entries(found).map(([key, value]) => [ourName(key), value]));
}

/** What a connection says beside its secrets, as a layer of the configuration. @throws AppError CONFIG_UNREADABLE */
export function connectionLayer(file: string, name: string): Layer {
  const connection = readConnection(file, name);
  const place = `[${name}] in ${file}`;
  const layer = emptyLayer(place);
  const put = (key: string, value: unknown) => layer.values.set(`snowflake.${key}`, { value, place });
  for (const [key, value] of connection) {
    if (SAME.includes(key)) put(key, key === 'login_timeout' && typeof value === 'number' ? `${value}s` : value);
    else if (!ADDRESS.includes(key) && !CONNECTION_SECRETS.some((secret) => secret === key)) {
      layer.warnings.push(`${place}: ${key} is not used here`);
    }
  }
  const [account, region, host] = [connection.get('account'), connection.get('region'), connection.get('host')];
  if (typeof region === 'string' && typeof account === 'string' && !account.includes('.')) {
    put('account', `${account}.${region}`);
  }
  if (typeof host === 'string' && !connection.has('access_url')) {
    const [protocol, port] = [connection.get('protocol') ?? 'https', connection.get('port')];
    put('access_url', `${protocol}://${host}${port === undefined ? '' : `:${port}`}`);
  }
  put('connections_file', file);
  return layer;
}

function ourName(key: string): string {
  const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return KEYS[snake] ?? snake;
}

function refuseOpenFile(file: string): void {
  if (process.platform === 'win32') return;
  let mode: number;
  try {
    ({ mode } = statSync(file));
  } catch (error) {
    throw unreadable(file, reasonOf(error));
  }
  if ((mode & 0o027) !== 0) {
    throw unreadable(file, `others may read or change it (mode ${(mode & 0o777).toString(8)}); chmod 600 it`);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function unreadable(file: string, reason: string): AppError<'CONFIG_UNREADABLE'> {
  return new AppError('CONFIG_UNREADABLE', { file, reason });
}

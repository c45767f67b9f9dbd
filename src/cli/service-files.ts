/**
 * The files of the systemd service: the texts in systemd/ of this package with the paths of this machine filled in.
 *
 * Those texts are valid as they stand, for a program in /opt/snowflake-mcp-server; filling in replaces these very
 * words. What is written carries a mark in its first line, by which it is known again when it is to be removed.
 */
import { readFileSync } from 'node:fs';
import { packageFile } from '../shared/package-files.ts';
import { UsageError } from './values.ts';

export interface ServiceSettings {
  readonly user: string;
  /** Where .env and the configuration stand; the working directory of the service. */
  readonly installDir: string;
  /** The program node. */
  readonly node: string;
  /** bin/snowflake-mcp-daemon.js of the package to run. */
  readonly program: string;
  /** Added to every command line of the unit, e.g. --config FILE. */
  readonly flags: readonly string[];
  /** What systemd is to listen on, as HOST:PORT or PORT; undefined when the service opens its port itself. */
  readonly listen?: string | undefined;
}

export interface ServiceFile {
  readonly path: string;
  readonly text: string;
}

export const UNIT = 'snowflake-mcp.service';
export const SOCKET_UNIT = 'snowflake-mcp.socket';
export const MARK = '# Written by `snowflake-mcp-daemon install-service`; `install-service --uninstall` removes it.';

/** Addresses are numbers here: a socket is opened before names can be looked up. */
const LISTEN_FORM = /^((\d{1,3}(\.\d{1,3}){3}|\[[\da-fA-F:]+\]):)?\d{1,5}$/;

const TEMPLATES = packageFile('systemd/');
const STANDARD = { user: 'snowflake-mcp', installDir: '/opt/snowflake-mcp-server', node: '/usr/bin/node' };
const PROGRAM = `${STANDARD.installDir}/bin/snowflake-mcp-daemon.js`;

export const STANDARD_USER = STANDARD.user;
export const STANDARD_INSTALL_DIR = STANDARD.installDir;

/** Paths of all files, with or without settings the same; the socket is there only when it was asked for. */
export const SERVICE_PATHS = {
  unit: `/etc/systemd/system/${UNIT}`,
  socket: `/etc/systemd/system/${SOCKET_UNIT}`,
  sysusers: '/etc/sysusers.d/snowflake-mcp.conf',
  tmpfiles: '/etc/tmpfiles.d/snowflake-mcp.conf',
} as const;

/** @throws UsageError for a name or path that would need quoting in a unit */
export function serviceFiles(settings: ServiceSettings): ServiceFile[] {
  const { user, installDir, node, program, flags } = settings;
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(user)) throw new UsageError(`--user: ${user} cannot be the name of an account`);
  for (const [name, path] of Object.entries({
    '--install-dir': installDir,
    'the path of node': node,
    'the path of this program': program,
  })) {
    if (!/^\/[\w@+=:,./-]*$/.test(path))
      throw new UsageError(`${name}: ${path} has to be absolute, without blanks or special characters`);
  }
  for (const flag of flags) {
    if (!/^[\w@+=:,./-]+$/.test(flag))
      throw new UsageError(`${flag} has blanks or special characters, which the unit cannot carry`);
  }
  if (settings.listen !== undefined && !LISTEN_FORM.test(settings.listen)) {
    throw new UsageError(`--listen: ${settings.listen} is not PORT, HOST:PORT or [IPv6]:PORT`);
  }
  const words = ['', ...flags].join(' ');
  const unit = read('snowflake-mcp.service')
    .replaceAll(/^(Exec\w+=.*)$/gm, `$1${words}`)
    .replaceAll(PROGRAM, program)
    .replaceAll(STANDARD.node, node)
    .replaceAll(STANDARD.installDir, installDir)
    .replaceAll(/^(User|Group)=.*$/gm, `$1=${user}`);
  return [
    { path: SERVICE_PATHS.sysusers, text: marked(read('snowflake-mcp.sysusers.conf').replace(/^u \S+/m, `u ${user}`)) },
    {
      path: SERVICE_PATHS.tmpfiles,
      text: marked(read('snowflake-mcp.tmpfiles.conf').replaceAll(STANDARD.installDir, installDir)),
    },
    { path: SERVICE_PATHS.unit, text: marked(unit) },
    ...socketFiles(settings.listen),
  ];
}

function socketFiles(listen: string | undefined): ServiceFile[] {
  if (listen === undefined) return [];
  const text = read(SOCKET_UNIT).replace(/^ListenStream=.*$/m, `ListenStream=${listen}`);
  return [{ path: SERVICE_PATHS.socket, text: marked(text) }];
}

/** Directories a service cannot look into (ProtectHome=yes). */
export function isInHome(path: string): boolean {
  return /^\/(home|root|run\/user)(\/|$)/.test(path);
}

function marked(text: string): string {
  return `${MARK}\n${text}`;
}

function read(name: string): string {
  return readFileSync(`${TEMPLATES}${name}`, 'utf8');
}

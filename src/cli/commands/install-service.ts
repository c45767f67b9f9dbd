/** `install-service`: makes the daemon a systemd service of this machine, or removes it again. Asks before it writes. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import { packageFile } from '../../shared/package-files.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import {
  isInHome,
  MARK,
  SERVICE_PATHS,
  type ServiceFile,
  SOCKET_UNIT,
  STANDARD_INSTALL_DIR,
  STANDARD_USER,
  serviceFiles,
  UNIT,
} from '../service-files.ts';
import {
  confirm,
  isRoot,
  isSystemdRunning,
  keepCopy,
  readText,
  removeFile,
  runProgram,
  writeText,
} from '../service-host.ts';
import { type Terminal, tellWarnings } from '../terminal.ts';
import { UsageError } from '../values.ts';

interface ServiceArgs extends SharedArgs {
  readonly uninstall: boolean;
  readonly 'dry-run': boolean;
  readonly yes: boolean;
  readonly user: string;
  readonly 'install-dir': string;
  readonly listen?: string | undefined;
}

const PROGRAM = packageFile('bin/snowflake-mcp-daemon.js');

export const installServiceCommand: Command<ServiceArgs> = {
  words: 'install-service',
  says: 'Makes it a systemd service: writes the unit and enables it; asks first',
  options: (yargs) =>
    (yargs as Argv<ServiceArgs>)
      .options({
        uninstall: { type: 'boolean', default: false, describe: 'Stop the service and remove what was written' },
        'dry-run': { type: 'boolean', default: false, describe: 'Show what would be written and run, and do nothing' },
        yes: { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' },
        user: { type: 'string', default: STANDARD_USER, requiresArg: true, describe: 'Account of the service' },
        'install-dir': {
          type: 'string',
          default: STANDARD_INSTALL_DIR,
          requiresArg: true,
          describe: 'Directory of .env and the configuration',
        },
        listen: {
          type: 'string',
          requiresArg: true,
          describe: 'Let systemd open the service port (HOST:PORT): connections wait while the service restarts',
        },
      })
      .example('$0 install-service --dry-run', 'first look; needs no rights') as Argv<ServiceArgs>,
  run: async (args, context) => (args.uninstall ? uninstall(args, context) : install(args, context)),
};

async function install(args: ServiceArgs, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const installDir = resolve(context.cwd, args['install-dir']);
  if (args['pid-file'] !== undefined) throw new UsageError('--pid-file: the service keeps it in /run/snowflake-mcp');
  const settings = {
    user: args.user,
    installDir,
    node: process.execPath,
    program: PROGRAM,
    flags: flagsOf(args, context),
    listen: args.listen,
  };
  const files = serviceFiles(settings);
  const hidden = [settings.node, settings.program, installDir].filter(isInHome);
  if (hidden.length > 0) {
    const where = `the service cannot look into home directories: ${hidden.join(', ')}`;
    tellWarnings(terminal, [`${where}; install the package for all users (npm install --global)`]);
  }
  const units = args.listen === undefined ? [UNIT] : [SOCKET_UNIT, UNIT];
  const commands = installCommands(isSystemdRunning(), units);
  if (args['dry-run']) {
    for (const { path, text } of files) terminal.print(`==> ${path}\n${text}`);
    for (const words of commands) terminal.print(`==> ${words.join(' ')}`);
    return EXIT.ok;
  }
  requireRoot('install a service');
  const fate = (file: ServiceFile) => {
    const before = readText(file.path);
    return before === undefined ? 'write' : before === file.text ? 'leave as it is:' : 'replace';
  };
  for (const file of files) terminal.note(`${fate(file)} ${file.path}`);
  for (const words of commands) terminal.note(`run ${words.join(' ')}`);
  if (!args.yes && !(await confirm('Go on?'))) return giveUp(terminal);
  for (const file of files) {
    const before = readText(file.path);
    if (before !== undefined && !before.startsWith(MARK)) terminal.note(`the old one is kept: ${keepCopy(file.path)}`);
    writeText(file.path, file.text);
  }
  for (const words of commands) runProgram(words);
  terminal.print(`Installed ${UNIT}; it starts with the machine.`);
  terminal.print(`Credentials belong into ${installDir}/.env (owner root:${args.user}, mode 0640).`);
  terminal.print(`Next: systemctl start ${units.join(' ').replace('.service', '')}`);
  return EXIT.ok;
}

async function uninstall(args: ServiceArgs, { terminal }: Context): Promise<ExitCode> {
  const found = Object.values(SERVICE_PATHS).filter((path) => readText(path) !== undefined);
  const ours = found.filter((path) => readText(path)?.startsWith(MARK));
  const foreign = found.filter((path) => !ours.includes(path));
  if (foreign.length > 0) tellWarnings(terminal, [`not written by this command and left: ${foreign.join(', ')}`]);
  if (ours.length === 0) {
    terminal.print('Nothing to remove: the service is not installed.');
    return EXIT.ok;
  }
  const units = [
    ...(ours.includes(SERVICE_PATHS.socket) ? [SOCKET_UNIT] : []),
    ...(ours.includes(SERVICE_PATHS.unit) ? [UNIT] : []),
  ];
  const isRunning = isSystemdRunning();
  const before = units.length > 0 ? [['systemctl', 'disable', ...(isRunning ? ['--now'] : []), ...units]] : [];
  const after = isRunning ? [['systemctl', 'daemon-reload']] : [];
  const tell = args['dry-run'] ? terminal.print : terminal.note;
  for (const words of before) tell(`run ${words.join(' ')}`);
  for (const path of ours) tell(`remove ${path}`);
  for (const words of after) tell(`run ${words.join(' ')}`);
  if (args['dry-run']) return EXIT.ok;
  requireRoot('remove a service');
  if (!args.yes && !(await confirm('Go on?'))) return giveUp(terminal);
  for (const words of before) runProgram(words);
  for (const path of ours) removeFile(path);
  removeFile('/run/snowflake-mcp.pid');
  for (const words of after) runProgram(words);
  terminal.print(`Removed ${UNIT}. The account, /var/lib/snowflake-mcp and /var/log/snowflake-mcp are left.`);
  return EXIT.ok;
}

/** Without a running systemd nobody has to be told; the links of `enable` are files. */
function installCommands(isRunning: boolean, units: readonly string[]): string[][] {
  return [
    ['systemd-sysusers', SERVICE_PATHS.sysusers],
    ['systemd-tmpfiles', '--create', SERVICE_PATHS.tmpfiles],
    ...(isRunning ? [['systemctl', 'daemon-reload']] : []),
    ['systemctl', 'enable', ...units],
  ];
}

function flagsOf(args: ServiceArgs, context: Context): string[] {
  const config = args.config === undefined ? [] : ['--config', resolve(context.cwd, args.config)];
  return [...config, ...(args.env === undefined ? [] : ['--env', args.env])];
}

function requireRoot(deed: string): void {
  if (!isRoot()) throw new AppError('NEEDS_ROOT', { deed });
}

function giveUp(terminal: Terminal): ExitCode {
  terminal.note('Nothing was changed.');
  return EXIT.failed;
}

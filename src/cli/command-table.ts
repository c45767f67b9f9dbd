/**
 * Which commands there are. A command's files are loaded when the command is named; all of them for the list in --help,
 * for completion and to find the one that a wrong word was meant to be.
 */
import type { Argv } from 'yargs';
import type { Command, SharedArgs } from './command.ts';

export type Register = <Args>(parser: Argv<SharedArgs>, command: Command<Args>) => Argv<SharedArgs>;
/** Makes commands known to a parser. */
export type Install = (parser: Argv<SharedArgs>, register: Register) => Argv<SharedArgs>;

/** In the order of the list. */
const COMMANDS: Readonly<Record<string, () => Promise<Install>>> = {
  start: async () => one((await import('./commands/start.ts')).startCommand),
  stop: async () => one((await import('./commands/stop.ts')).stopCommand),
  restart: async () => one((await import('./commands/restart.ts')).restartCommand),
  reload: async () => one((await import('./commands/reload.ts')).reloadCommand),
  status: async () => one((await import('./commands/status.ts')).statusCommand),
  scale: async () => one((await import('./commands/scale.ts')).scaleCommand),
  logs: async () => one((await import('./commands/logs.ts')).logsCommand),
  health: async () => one((await import('./commands/health.ts')).healthCommand),
  doctor: async () => one((await import('./commands/doctor.ts')).doctorCommand),
  'test-connection': async () => one((await import('./commands/test-connection.ts')).testConnectionCommand),
  validate: async () => one((await import('./commands/validate.ts')).validateCommand),
  maintenance: async () => one((await import('./commands/maintenance.ts')).maintenanceCommand),
  sessions: async () => one((await import('./commands/sessions.ts')).sessionsCommand),
  queries: async () => one((await import('./commands/queries.ts')).queriesCommand),
  warehouse: async () => one((await import('./commands/warehouse.ts')).warehouseCommand),
  advise: async () => one((await import('./commands/advise.ts')).adviseCommand),
  'leak-check': async () => one((await import('./commands/leak-check.ts')).leakCheckCommand),
  'install-service': async () => one((await import('./commands/install-service.ts')).installServiceCommand),
  backup: async () => one((await import('./commands/backup.ts')).backupCommand),
  restore: async () => one((await import('./commands/restore.ts')).restoreCommand),
  'support-bundle': async () => one((await import('./commands/support-bundle.ts')).supportBundleCommand),
  'setup-monitoring': async () => one((await import('./commands/setup-monitoring.ts')).setupMonitoringCommand),
  report: async () => one((await import('./commands/report.ts')).reportCommand),
  'audit-secrets': async () => one((await import('./commands/audit-secrets.ts')).auditSecretsCommand),
  config: async () => {
    const config = await import('./commands/config.ts');
    const { configApplyCommand } = await import('./commands/config-apply.ts');
    const { configDiffCommand } = await import('./commands/config-diff.ts');
    const { configImportCommand } = await import('./commands/config-import.ts');
    return group('config', 'Checks, shows and writes the configuration', [
      one(config.configCheckCommand),
      one(config.configShowCommand),
      one(config.configSchemaCommand),
      one(config.configInitCommand),
      one(configImportCommand),
      one(configApplyCommand),
      one(configDiffCommand),
    ]);
  },
  keys: async () => {
    const keys = await import('./commands/keys.ts');
    return group('keys', 'Makes, lists, revokes and rotates the keys of clients', [
      one(keys.keysCreateCommand),
      one(keys.keysListCommand),
      one(keys.keysRevokeCommand),
      one(keys.keysRotateCommand),
    ]);
  },
  completion: async () => one((await import('./commands/completion.ts')).completionCommand),
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** What the arguments need: the command they begin with, or all. */
export async function installsFor(args: readonly string[]): Promise<readonly Install[]> {
  const [word = ''] = args;
  const loaders = Object.hasOwn(COMMANDS, word) ? [COMMANDS[word]] : Object.values(COMMANDS);
  return Promise.all(loaders.flatMap((load) => load?.() ?? []));
}

function one<Args>(command: Command<Args>): Install {
  return (parser, register) => register(parser, command);
}

function group(word: string, says: string, installs: readonly Install[]): Install {
  return (parser, register) =>
    parser.command(word, says, (sub) => {
      const all = installs.reduce((rest, install) => install(rest, register), sub as Argv<SharedArgs>);
      return all.demandCommand(1, `Name what to do: see \`${word} --help\`.`);
    }) as unknown as Argv<SharedArgs>;
}

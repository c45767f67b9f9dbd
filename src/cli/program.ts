/**
 * The command line: which commands there are, how wrong usage and failures are told, and the exit code of each.
 *
 * Every failure is two lines on stderr, what is wrong and what to do; a stack trace only with DEBUG set.
 */
import yargs, { type Argv } from 'yargs';
import { ERRORS } from '../shared/error-table.ts';
import { AppError } from '../shared/errors.ts';
import { EXIT, type ExitCode } from '../shared/exit-codes.ts';
import { VERSION } from '../shared/version.ts';
import type { Command, Context, SharedArgs } from './command.ts';
import { configCheckCommand, configInitCommand, configSchemaCommand, configShowCommand } from './commands/config.ts';
import { configImportCommand } from './commands/config-import.ts';
import { installServiceCommand } from './commands/install-service.ts';
import { keysCreateCommand, keysListCommand, keysRevokeCommand, keysRotateCommand } from './commands/keys.ts';
import { logsCommand } from './commands/logs.ts';
import { reloadCommand } from './commands/reload.ts';
import { restartCommand } from './commands/restart.ts';
import { scaleCommand } from './commands/scale.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { DaemonRefusal } from './control-client.ts';
import { LaunchFailure } from './daemon-launch.ts';
import { tellError, tellStack } from './terminal.ts';
import { UsageError } from './values.ts';

const NAME = 'snowflake-mcp-daemon';
const WIDTH = 110;

/** Undefined when this process has become the daemon. */
export async function runCli(args: readonly string[], context: Context): Promise<ExitCode | undefined> {
  let result: ExitCode | undefined = EXIT.ok;
  const register = <Args>(parser: Argv<SharedArgs>, command: Command<Args>): Argv<SharedArgs> =>
    parser.command(
      command.words,
      command.says,
      (options) => command.options(options as Argv<SharedArgs>),
      async (parsed) => {
        result = await command.run(parsed as Args, context);
      },
    ) as unknown as Argv<SharedArgs>;
  const parser = buildParser(args, register);
  try {
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      if (output) context.terminal.print(output);
    });
    return result;
  } catch (error) {
    return tellFailure(error, context);
  }
}

type Register = <Args>(parser: Argv<SharedArgs>, command: Command<Args>) => Argv<SharedArgs>;

function buildParser(args: readonly string[], register: Register): Argv<SharedArgs> {
  let parser = yargs([...args])
    .scriptName(NAME)
    .usage('$0 COMMAND: Snowflake for AI agents over MCP, as a service that keeps itself up')
    .parserConfiguration({ 'duplicate-arguments-array': false, 'camel-case-expansion': false })
    .options({
      config: { type: 'string', requiresArg: true, describe: 'Configuration file, YAML or JSON' },
      env: { type: 'string', requiresArg: true, describe: 'Environment: config/NAME.yaml is read too' },
      'pid-file': { type: 'string', requiresArg: true, describe: 'Pid file; tells daemons of one user apart' },
    }) as Argv<SharedArgs>;
  parser = register(parser, startCommand);
  parser = register(parser, stopCommand);
  parser = register(parser, restartCommand);
  parser = register(parser, reloadCommand);
  parser = register(parser, statusCommand);
  parser = register(parser, scaleCommand);
  parser = register(parser, logsCommand);
  parser = register(parser, installServiceCommand);
  parser = parser.command('config', 'Checks, shows and writes the configuration', (sub) => {
    let group = sub as Argv<SharedArgs>;
    group = register(group, configCheckCommand);
    group = register(group, configShowCommand);
    group = register(group, configSchemaCommand);
    group = register(group, configInitCommand);
    group = register(group, configImportCommand);
    return group.demandCommand(1, 'Name what to do: check, show, schema, init or import.');
  }) as unknown as Argv<SharedArgs>;
  parser = parser.command('keys', 'Makes, lists, revokes and rotates the keys of clients', (sub) => {
    let group = sub as Argv<SharedArgs>;
    group = register(group, keysCreateCommand);
    group = register(group, keysListCommand);
    group = register(group, keysRevokeCommand);
    group = register(group, keysRotateCommand);
    return group.demandCommand(1, 'Name what to do: create, list, revoke or rotate.');
  }) as unknown as Argv<SharedArgs>;
  return parser
    .demandCommand(1, 'Name a command.')
    .strict()
    .recommendCommands()
    .version(VERSION)
    .help()
    .wrap(WIDTH)
    .exitProcess(false)
    .fail((message, error) => {
      // yargs wraps what it finds itself, and what a `coerce` throws, into its own class.
      throw error === undefined || error === null || error.name === 'YError'
        ? new UsageError(error?.message ?? message)
        : error;
    });
}

function tellFailure(error: unknown, context: Context): ExitCode {
  const { terminal } = context;
  tellStack(terminal, error, context.env);
  if (error instanceof UsageError) {
    const next = `\`${NAME} --help\` lists the commands, \`${NAME} COMMAND --help\` their options.`;
    tellError(terminal, { message: error.message, next });
    return EXIT.usage;
  }
  if (error instanceof AppError) {
    tellError(terminal, error.toBody());
    return error.exit;
  }
  if (error instanceof LaunchFailure) {
    tellError(terminal, error.body);
    return error.exit;
  }
  if (error instanceof DaemonRefusal) {
    tellError(terminal, error.body);
    const entry: { readonly exit?: ExitCode } | undefined = ERRORS[error.body.code];
    return entry?.exit ?? EXIT.failed;
  }
  const message = error instanceof Error ? error.message : String(error);
  tellError(terminal, { message, next: 'Run it again with DEBUG=1 to see where this comes from.' });
  return EXIT.failed;
}

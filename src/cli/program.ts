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
import { type Install, installsFor, type Register } from './command-table.ts';
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
  try {
    const parser = buildParser(args, register, await installsFor(args));
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      if (output) context.terminal.print(output);
    });
    return result;
  } catch (error) {
    return tellFailure(error, context);
  }
}

function buildParser(args: readonly string[], register: Register, installs: readonly Install[]): Argv<SharedArgs> {
  const bare = yargs([...args])
    .scriptName(NAME)
    .usage('$0 COMMAND: Snowflake for AI agents over MCP, as a service that keeps itself up')
    .parserConfiguration({ 'duplicate-arguments-array': false, 'camel-case-expansion': false })
    .options({
      config: { type: 'string', requiresArg: true, describe: 'Configuration file, YAML or JSON' },
      env: { type: 'string', requiresArg: true, describe: 'Environment: config/NAME.yaml is read too' },
      'pid-file': { type: 'string', requiresArg: true, describe: 'Pid file; tells daemons of one user apart' },
    }) as Argv<SharedArgs>;
  return installs
    .reduce((parser, install) => install(parser, register), bare)
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

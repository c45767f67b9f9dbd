/** `config`: check, show (secrets masked), schema and init; none of them needs a running daemon. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { requireSafeBind } from '../../shared/client-auth.ts';
import { requireCredentials } from '../../shared/config/credentials.ts';
import { type LoadedConfig, loadConfig } from '../../shared/config/load.ts';
import { maskedConfig } from '../../shared/config/masked.ts';
import { configJsonSchema, defaultYaml } from '../../shared/config/reference.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { daemonPaths } from '../../shared/paths.ts';
import { CONFIG_OPTIONS, type Command, type Context, type SharedArgs } from '../command.ts';
import { shownConfig } from '../config-text.ts';
import { configSources, DEFAULT_CONFIG_FILE } from '../daemon-sources.ts';
import { writeNewFile } from '../new-file.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { tellWarnings } from '../terminal.ts';
import { UsageError } from '../values.ts';

interface ReadArgs extends SharedArgs {
  readonly json: boolean;
  readonly demo?: boolean | undefined;
}

const readOptions = (yargs: Argv<SharedArgs>): Argv<ReadArgs> =>
  (yargs as Argv<ReadArgs>).options({
    ...CONFIG_OPTIONS,
    demo: { type: 'boolean', describe: 'As for start --demo: no credentials are needed' },
    json: JSON_OPTION,
  }) as Argv<ReadArgs>;

async function load(args: ReadArgs, context: Context): Promise<LoadedConfig & { readonly spec: LaunchSpec }> {
  const spec = await configSources(args, context);
  const loaded = loadConfig(spec, context.env);
  tellWarnings(context.terminal, loaded.warnings);
  return { ...loaded, spec: { ...spec, demo: args.demo ?? spec.demo } };
}

export const configCheckCommand: Command<ReadArgs> = {
  words: 'check',
  says: 'Checks everything that start would check, without starting (exit 78 when something is wrong)',
  options: readOptions,
  run: async (args, context) => {
    const { terminal } = context;
    const { config, sources, warnings, spec } = await load(args, context);
    requireSafeBind(config, daemonPaths(config, config.server.working_dir ?? spec.cwd, context.env).keysFile);
    if (!spec.demo) requireCredentials(config);
    if (args.json) terminal.print(JSON.stringify({ valid: true, sources, warnings }, null, 2));
    else terminal.print(`The configuration is valid (from ${sources.join(', ') || 'defaults alone'})`);
    return EXIT.ok;
  },
};

export const configShowCommand: Command<ReadArgs> = {
  words: 'show',
  says: 'Prints what is in effect and where it was set; secrets are masked',
  options: readOptions,
  run: async (args, context) => {
    const { config, places } = await load(args, context);
    context.terminal.print(
      args.json ? JSON.stringify(maskedConfig(config), null, 2) : shownConfig(config, places).trimEnd(),
    );
    return EXIT.ok;
  },
};

export const configSchemaCommand: Command<SharedArgs> = {
  words: 'schema',
  says: 'Prints the JSON Schema of the configuration, for editors',
  options: (yargs) => yargs,
  run: async (_args, { terminal }) => {
    terminal.print(JSON.stringify(configJsonSchema(), null, 2));
    return EXIT.ok;
  },
};

interface InitArgs extends SharedArgs {
  readonly file?: string | undefined;
  readonly force: boolean;
}

export const configInitCommand: Command<InitArgs> = {
  words: 'init [file]',
  says: 'Writes a file with every key and its default',
  options: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: `Where to write it, as --config (${DEFAULT_CONFIG_FILE})` })
      .option('force', { type: 'boolean', default: false, describe: 'Replace a file that is there' }),
  run: async ({ file, config, force }, context) => {
    if (file !== undefined && config !== undefined) throw new UsageError('init takes one file: FILE, or --config FILE');
    return writeDefaults(resolve(context.cwd, file ?? config ?? DEFAULT_CONFIG_FILE), force, context);
  },
};

function writeDefaults(file: string, force: boolean, { terminal }: Context): ExitCode {
  writeNewFile(file, defaultYaml(), force);
  terminal.print(`Written: ${file}`);
  return EXIT.ok;
}

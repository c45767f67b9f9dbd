/** `config import`: writes a PM2 ecosystem file as a configuration of our own form. */
import { basename, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { readEcosystem } from '../../shared/config/ecosystem.ts';
import { readTree } from '../../shared/config/file.ts';
import { configLeaves } from '../../shared/config/leaves.ts';
import { loadConfig } from '../../shared/config/load.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { importedYaml } from '../imported-yaml.ts';
import { writeNewFile } from '../new-file.ts';

interface ImportArgs extends SharedArgs {
  readonly file: string;
  readonly out?: string | undefined;
  readonly force: boolean;
}

export const configImportCommand: Command<ImportArgs> = {
  words: 'import <file>',
  says: 'Turns a PM2 file (ecosystem.config.js) into a configuration file, with comments on every key',
  options: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'The PM2 file' })
      .option('out', { type: 'string', requiresArg: true, describe: 'Where to write it instead of printing it' })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'Replace a file that is there',
      }) as unknown as Argv<ImportArgs>,
  run: async (args, context) => importFile(args, context),
};

/** Nothing is written before every value of the file has been checked. */
function importFile(args: ImportArgs, { terminal, cwd }: Context): ExitCode {
  const file = resolve(cwd, args.file);
  const leaves = configLeaves();
  const environment = args.env === undefined ? {} : { environment: args.env };
  loadConfig({ cwd, configFile: file, ...environment, flags: {}, demo: true }, {});
  const reading = readEcosystem(readTree(file).tree, file, leaves, args.env);
  const { faults } = reading.layer;
  if (faults.length > 0) throw new AppError('CONFIG_INVALID', { faults });
  const text = importedYaml(reading, { file: basename(file), environment: args.env }, leaves);
  if (args.out === undefined) {
    terminal.print(text.trimEnd());
    return EXIT.ok;
  }
  const out = resolve(cwd, args.out);
  writeNewFile(out, text, args.force);
  terminal.print(`Written: ${out}`);
  return EXIT.ok;
}

/** `config diff`: what has changed against a baseline: the defaults, another configuration file, or an `.env.baseline`. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { readEnvFile } from '../../shared/config/env-file.ts';
import { configLeaves } from '../../shared/config/leaves.ts';
import { loadConfig } from '../../shared/config/load.ts';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { type Difference, differenceLines, differencesOf } from '../config-differences.ts';
import { type DaemonSources, daemonSources } from '../daemon-sources.ts';
import { JSON_OPTION } from '../plain-table.ts';

interface DiffArgs extends SharedArgs {
  readonly baseline?: string | undefined;
  readonly json: boolean;
}

const SECRET_NAME = /PASS|SECRET|TOKEN|KEY|CREDENTIAL/i;

export const configDiffCommand: Command<DiffArgs> = {
  words: 'diff [baseline]',
  says: 'Tells what differs from a baseline (.env.baseline, a configuration file, else the defaults); exit 1 when something does',
  options: (yargs) =>
    yargs
      .positional('baseline', {
        type: 'string',
        describe: 'An env file or a YAML or JSON file (.env.baseline when it is there)',
      })
      .option('json', JSON_OPTION) as unknown as Argv<DiffArgs>,
  run: async (args, context) => {
    const { terminal } = context;
    const sources = await daemonSources(args, context);
    const { against, found } = compare(args, sources, context);
    if (args.json) terminal.print(JSON.stringify({ baseline: against, differences: found }, null, 2));
    else {
      for (const one of found) for (const line of differenceLines(one)) terminal.print(line);
      terminal.print(`Differences from ${against}: ${found.length}`);
    }
    return found.length === 0 ? EXIT.ok : EXIT.failed;
  },
};

function compare(args: DiffArgs, sources: DaemonSources, context: Context): { against: string; found: Difference[] } {
  const { cwd } = sources.spec;
  const standard = join(cwd, '.env.baseline');
  const given = args.baseline === undefined ? undefined : resolve(context.cwd, args.baseline);
  const file = given ?? (existsSync(standard) ? standard : undefined);
  if (file !== undefined && !existsSync(file)) {
    throw new AppError('CONFIG_UNREADABLE', { file, reason: 'there is no such file' });
  }
  if (file !== undefined && /env/.test(basename(file)) && !/\.(ya?ml|json|c?js)$/.test(file)) {
    const [before, now] = [file, join(cwd, '.env')].map((path) => variablesOf(path)) as [Values, Values];
    return { against: file, found: differencesOf(before, now, (name) => SECRET_NAME.test(name)) };
  }
  const now = valuesOf(loadConfig(sources.spec, context.env).config);
  const alone = { cwd: '/', flags: {}, demo: true, ...(file === undefined ? {} : { configFile: file }) };
  const before = valuesOf(loadConfig(alone, {}).config);
  const secret = new Set(configLeaves().flatMap(({ key, meta }) => (meta.secret ? [key] : [])));
  return { against: file ?? 'the defaults', found: differencesOf(before, now, (key) => secret.has(key)) };
}

type Values = ReadonlyMap<string, string>;

function variablesOf(file: string): Values {
  const set = Object.entries(readEnvFile(file)?.variables ?? {});
  return new Map(set.map(([name, value]) => [name, value ?? '']));
}

function valuesOf(config: Config): Values {
  return new Map(
    configLeaves().flatMap(({ key, section, name }) => {
      const value = (config[section] as Record<string, unknown>)[name];
      return value === undefined ? [] : [[key, JSON.stringify(value)] as const];
    }),
  );
}

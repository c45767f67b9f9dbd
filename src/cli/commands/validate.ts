/** `validate`: tries the running service from end to end, as a client would. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pc from 'picocolors';
import { loadLocation } from '../../shared/config/load.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import { recallLaunch } from '../../shared/launch-file.ts';
import { daemonPaths } from '../../shared/paths.ts';
import { type Command, type Context, pathsOf, type SharedArgs, specOf } from '../command.ts';
import { askStatus } from '../control-client.ts';
import { JSON_OPTION, plainTable } from '../plain-table.ts';
import { type Validation, validateService } from '../service-validation.ts';
import { UsageError } from '../values.ts';

interface ValidateArgs extends SharedArgs {
  readonly json: boolean;
  readonly 'key-file'?: string | undefined;
}

export const validateCommand: Command<ValidateArgs> = {
  words: 'validate',
  says: 'Tries the running service from end to end: an MCP client calls every read tool over the service port',
  options: (yargs) =>
    yargs
      .option('key-file', {
        type: 'string',
        requiresArg: true,
        describe: 'File with the key to use; without it one is made for this alone where clients need one',
      })
      .option('json', JSON_OPTION)
      .example('$0 validate', 'after a restart, an upgrade or a change of credentials'),
  run: async (args, context) => {
    const validation = await validateDaemon(args, context);
    tellValidation(validation, args.json, context);
    return exitOf(validation);
  },
};

/** @throws AppError NOT_RUNNING, and as `validateService` */
export async function validateDaemon(
  args: SharedArgs & { readonly 'key-file'?: string | undefined },
  context: Context,
): Promise<Validation> {
  const paths = pathsOf(args, context);
  const status = await askStatus(paths);
  // What the daemon was started with decides how it is reached, not what stands here.
  const spec = recallLaunch(paths, status.pid) ?? specOf({ ...args }, context);
  const { config } = loadLocation(spec, context.env);
  const key = args['key-file'] === undefined ? undefined : readKey(resolve(context.cwd, args['key-file']));
  const progress = context.terminal.progress(`Trying ${status.url}/mcp`);
  try {
    const { keysFile } = daemonPaths(config, spec.cwd, context.env);
    return await validateService({ status, config, keysFile, key });
  } finally {
    progress.done();
  }
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--key-file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

const COLOURS = { ok: pc.green, failed: pc.red, skipped: pc.yellow } as const;

export function tellValidation(validation: Validation, isJson: boolean, { terminal }: Context): void {
  const { url, connectMs, trials } = validation;
  const count = (wanted: string) => trials.filter(({ result }) => result === wanted).length;
  const summary = { ok: count('ok'), failed: count('failed'), skipped: count('skipped') };
  if (isJson) {
    terminal.print(JSON.stringify({ url, connect_ms: connectMs, ...summary, tools: trials }, null, 2));
    return;
  }
  const rows = trials.map(({ tool, result, ms, reason }) => [tool, COLOURS[result](result), `${ms} ms`, reason]);
  terminal.print(`Connected to ${url}/mcp in ${connectMs} ms`);
  terminal.print(plainTable(['tool', 'result', 'took', 'why'], rows));
  terminal.print(`${summary.ok} ok, ${summary.failed} failed, ${summary.skipped} skipped`);
  if (summary.failed > 0)
    terminal.note('Next: `snowflake-mcp-daemon test-connection`, then `doctor`; the log has the causes.');
}

export function exitOf({ trials }: Validation): ExitCode {
  return trials.some(({ result }) => result === 'failed') ? EXIT.failed : EXIT.ok;
}

/** The door to the program that works out the configuration of a reload; see next-config-main.ts. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { deepFreeze } from '../shared/config/freeze.ts';
import type { Config } from '../shared/config/schema.ts';
import { ERRORS } from '../shared/error-table.ts';
import { AppError, type ErrorCode } from '../shared/errors.ts';
import type { LaunchSpec } from '../shared/launch.ts';

export interface NextConfigOrder {
  readonly spec: LaunchSpec;
  readonly running: Config;
}

/** The configuration with the keys whose new value needs a restart, or what is wrong with it. */
export type NextConfigAnswer =
  | { readonly config: Config; readonly notApplied: readonly string[] }
  | { readonly error: { readonly code: string; readonly details: unknown } };

const DEADLINE_MS = 30_000;
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const WHERE = 'the configuration of the reload';

/**
 * @param env what the configuration is read from beside its files
 * @param program its file
 * @throws AppError of whatever is wrong with the configuration; RELOAD_FAILED while files of the program are not there,
 * INTERNAL when it fails otherwise
 */
export async function loadNextConfig(
  order: NextConfigOrder,
  env: Readonly<Record<string, string | undefined>>,
  program: string,
): Promise<Extract<NextConfigAnswer, { config: Config }>> {
  const answer = JSON.parse(await run(program, JSON.stringify(order), env)) as NextConfigAnswer;
  if ('config' in answer) return { ...answer, config: deepFreeze(answer.config) };
  const { code, details } = answer.error;
  // A newer version may know errors that this one does not.
  if (!(code in ERRORS)) throw new AppError('INTERNAL', { where: `${WHERE} (${code})` });
  throw new AppError(code as ErrorCode, details as never);
}

function run(program: string, order: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: DEADLINE_MS, maxBuffer: ANSWER_MAX_BYTES };
    const child = execFile(process.execPath, [program], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const missing = missingFile(program, stderr);
      const reason = `${missing} is not there: an installation is under way, or the package was moved or removed`;
      const known = missing === undefined ? undefined : new AppError('RELOAD_FAILED', { reason }, { cause: error });
      reject(known ?? new AppError('INTERNAL', { where: WHERE }, { cause: error }));
    });
    // One that ends early says so by its exit.
    child.stdin?.on('error', () => {});
    child.stdin?.end(order);
  });
}

/** While a package is being replaced its files are gone, or not all of them are there. */
function missingFile(program: string, stderr: string): string | undefined {
  return existsSync(program) ? /Cannot find (?:module|package) '([^']+)'/.exec(stderr)?.[1] : program;
}

/** The door to the program that works out the configuration of a reload; see next-config-main.ts. */
import { execFile } from 'node:child_process';
import { deepFreeze } from '../shared/config/freeze.ts';
import type { Config } from '../shared/config/schema.ts';
import { ERRORS } from '../shared/error-table.ts';
import { AppError, type ErrorCode } from '../shared/errors.ts';
import type { LaunchSpec } from '../shared/launch.ts';
import { packageFile } from '../shared/package-files.ts';

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
 * @throws AppError of whatever is wrong with the configuration; INTERNAL when the program itself fails
 */
export async function loadNextConfig(
  order: NextConfigOrder,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Extract<NextConfigAnswer, { config: Config }>> {
  const answer = JSON.parse(await run(JSON.stringify(order), env)) as NextConfigAnswer;
  if ('config' in answer) return { ...answer, config: deepFreeze(answer.config) };
  const { code, details } = answer.error;
  // A newer version may know errors that this one does not.
  if (!(code in ERRORS)) throw new AppError('INTERNAL', { where: `${WHERE} (${code})` });
  throw new AppError(code as ErrorCode, details as never);
}

function run(order: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const program = packageFile('dist/primary/next-config-main.js');
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: DEADLINE_MS, maxBuffer: ANSWER_MAX_BYTES };
    const child = execFile(process.execPath, [program], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new AppError('INTERNAL', { where: WHERE }, { cause: error }));
    });
    // One that ends early says so by its exit.
    child.stdin?.on('error', () => {});
    child.stdin?.end(order);
  });
}

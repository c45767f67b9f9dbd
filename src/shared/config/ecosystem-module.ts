/**
 * Evaluates a PM2 file that is a program (.js, .cjs, .mjs) and returns what it exports.
 *
 * It runs in this process, as with PM2, so it is trusted like the configuration it is. What it throws, and a call of
 * process.exit, become the reason why it cannot be read, and so does a loop that does not end; what it prints goes to stderr, and changes it makes to the
 * environment or the current directory are taken back. CommonJS is read anew each time; an ES module is evaluated once
 * a process (Node keeps it), so a changed one is refused instead of being taken for the old one.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction, runInNewContext } from 'node:vm';
import { AppError } from '../errors.ts';

const require = createRequire(import.meta.url);

/** Change time of the ES modules that have been evaluated. */
const evaluated = new WeakMap<NodeJS.Module, number>();

const MAX_CHARACTERS = 1024 * 1024;
/** Enough for one that asks git or a vault. */
const DEADLINE_MS = 10_000;

/**
 * What the file exports (the default export of an ES module), as plain values.
 * @param file its real path
 * @throws AppError CONFIG_UNREADABLE
 */
export function evaluateModule(file: string, deadlineMs = DEADLINE_MS): unknown {
  const changedAt = statSync(file).mtimeMs;
  const before = new Set(Object.keys(require.cache));
  try {
    refuseStale(file, changedAt);
    return JSON.parse(guarded(() => inTime(deadlineMs, () => plainText(defaultOf(load(file))))));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) }, { cause: error });
  } finally {
    forget(before, changedAt);
  }
}

/**
 * Ends what `evaluate` does, and what that calls, after the deadline. No `finally` of it runs then, so what must be taken
 * back is taken back by the caller.
 */
function inTime(deadlineMs: number, evaluate: () => string): string {
  try {
    return runInNewContext('evaluate()', { evaluate }, { timeout: deadlineMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new EndlessRun(`it does not end: it was stopped after ${deadlineMs} ms`, { cause: error });
  }
}

/** A `.js` file in CommonJS form is read as such even where a package.json says otherwise. */
function load(file: string): unknown {
  try {
    return require(file);
  } catch (error) {
    const isMisnamed = error instanceof ReferenceError && error.message.includes('is not defined in ES module scope');
    if (!isMisnamed) throw error;
    const module: { exports: unknown } = { exports: {} };
    const names = ['module', 'exports', 'require', '__filename', '__dirname'];
    const run = compileFunction(readFileSync(file, 'utf8'), names, { filename: file });
    run(module, module.exports, createRequire(file), file, dirname(file));
    return module.exports;
  }
}

/** JSON of a value that holds nothing else than JSON can. */
function plainText(value: unknown): string {
  const text = JSON.stringify(value, (key, inner: unknown) => {
    const isOdd = ['function', 'symbol', 'bigint'].includes(typeof inner) || Number.isNaN(inner) || inner === Infinity;
    if (isOdd) throw new TypeError(`the value of ${key || 'what it exports'} is no text, number, list or mapping`);
    return inner;
  });
  if (text === undefined) throw new TypeError('it exports nothing');
  if (text.length > MAX_CHARACTERS) throw new RangeError(`it exports more than ${MAX_CHARACTERS} characters`);
  return text;
}

function refuseStale(file: string, changedAt: number): void {
  const known = require.cache[file];
  const readAt = known === undefined ? undefined : evaluated.get(known);
  if (readAt === undefined || readAt === changedAt) return;
  const reason = 'it has changed, and an ES module is read once a process: restart, or write it as .cjs';
  throw new AppError('CONFIG_UNREADABLE', { file, reason });
}

/** CommonJS modules are read again at the next load, with all they have loaded; ES modules stay. */
function forget(before: ReadonlySet<string>, changedAt: number): void {
  for (const [name, module] of Object.entries(require.cache)) {
    if (module === undefined || before.has(name)) continue;
    if (isEsModule(module.exports)) evaluated.set(module, changedAt);
    else delete require.cache[name];
  }
}

function isEsModule(exported: unknown): boolean {
  return Object.prototype.toString.call(exported) === '[object Module]';
}

function defaultOf(exported: unknown): unknown {
  if (typeof exported !== 'object' || exported === null || !('default' in exported)) return exported;
  return 'apps' in exported ? exported : exported.default;
}

class ExitCalled extends Error {}
class EndlessRun extends Error {}

/** Runs `evaluate` so that the file can end or redirect nothing of this process. */
function guarded(evaluate: () => string): string {
  const { exit } = process;
  const write = process.stdout.write;
  const environment = { ...process.env };
  const directory = process.cwd();
  try {
    process.exit = () => {
      throw new ExitCalled('it calls process.exit');
    };
    process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
    return evaluate();
  } finally {
    process.exit = exit;
    process.stdout.write = write;
    if (process.cwd() !== directory) process.chdir(directory);
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    for (const [name, value] of Object.entries(environment)) process.env[name] = value;
  }
}

/** Its own words, on one line; an ES module that waits at its top level cannot be read in one go. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it throws something that is no error';
  if (error instanceof ExitCalled || error instanceof EndlessRun) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return 'it uses await at its top level';
  // What is wrong with JSON is told with a piece of it, which may be a password.
  if (error instanceof SyntaxError && error.message.includes('JSON')) return 'it loads JSON that cannot be read';
  const [first = ''] = error.message.split('\n');
  return `it throws ${error.name}: ${first.slice(0, 300)}`;
}

/**
 * `snowflake-mcp-daemon`: root of the command line. It loads nothing before the process of a daemon that is to be started
 * boots beside it.
 */
import { keepHeapSmall } from '../shared/small-heap.ts';
import { spawnPrimary } from './primary-process.ts';

const args = process.argv.slice(2);
keepHeapSmall();
const primary = startsDaemon(args) ? spawnPrimary(process.env) : undefined;
const { processContext } = await import('./process-context.ts');
const { runCli } = await import('./program.ts');
const code = await runCli(args, processContext(primary));
primary?.discard();
if (code !== undefined) process.exitCode = code;

/** A guess at what the arguments mean: a wrong one costs a process that ends again. */
function startsDaemon([command = '', ...rest]: readonly string[]): boolean {
  const isOther = rest.some((word) => /^(--no-daemon|--daemon|--help|--version|-h)\b/.test(word));
  return ['start', 'restart'].includes(command) && !isOther;
}

/**
 * `snowflake-mcp-daemon`: root of the command line. It loads nothing before the process of a daemon that is to be started
 * boots beside it, and not even that when an equal command is starting the daemon already.
 */
import { EXIT } from '../shared/exit-codes.ts';
import { keepHeapSmall } from '../shared/small-heap.ts';
import { spawnPrimary } from './primary-process.ts';
import { ALREADY_RUNNING, takeStartTurn } from './start-turn.ts';

const args = process.argv.slice(2);
keepHeapSmall();
const isStart = startsDaemon(args);
const first = isStart && args[0] === 'start' ? await takeStartTurn(args, process.cwd(), process.env) : undefined;
if (first === undefined) await runCommand();
else {
  process.stdout.write(`${ALREADY_RUNNING}\n`);
  process.stderr.write(`Next: the same \`start\` (PID: ${first}) is under way; use \`status\` to see how it goes\n`);
  process.exitCode = EXIT.failed;
}

async function runCommand(): Promise<void> {
  const primary = isStart ? spawnPrimary(process.env) : undefined;
  const { processContext } = await import('./process-context.ts');
  const { runCli } = await import('./program.ts');
  const code = await runCli(args, processContext(primary));
  primary?.discard();
  if (code !== undefined) process.exitCode = code;
}

/** A guess at what the arguments mean: a wrong one costs a process that ends again. */
function startsDaemon([command = '', ...rest]: readonly string[]): boolean {
  const isOther = rest.some((word) => /^(--no-daemon|--daemon|--help|--version|-h)\b/.test(word));
  return ['start', 'restart'].includes(command) && !isOther;
}

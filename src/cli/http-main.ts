/** `snowflake-mcp-http`: the same as `snowflake-mcp-daemon start --no-daemon`. */
import { keepHeapSmall } from '../shared/small-heap.ts';

keepHeapSmall();
const { processContext } = await import('./process-context.ts');
const { runCli } = await import('./program.ts');
const code = await runCli(['start', '--no-daemon', ...process.argv.slice(2)], processContext());
if (code !== undefined) process.exitCode = code;

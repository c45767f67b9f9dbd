/** `snowflake-mcp-http`: the same as `snowflake-mcp-daemon start --no-daemon`. */
import { processContext } from './process-context.ts';
import { runCli } from './program.ts';

const code = await runCli(['start', '--no-daemon', ...process.argv.slice(2)], processContext());
if (code !== undefined) process.exitCode = code;

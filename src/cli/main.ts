/** `snowflake-mcp-daemon`: root of the command line. */
import { processContext } from './process-context.ts';
import { runCli } from './program.ts';

const code = await runCli(process.argv.slice(2), processContext());
if (code !== undefined) process.exitCode = code;

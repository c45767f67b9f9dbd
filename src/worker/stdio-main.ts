/**
 * The program `snowflake-mcp`: MCP over stdin and stdout for one local client, without a daemon.
 *
 * Nothing but JSON-RPC leaves on stdout: whatever else is written there, by whomever, goes to stderr, as logs do. So stdout
 * is taken before the program itself is loaded; only what answers `--help` comes first.
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EXIT } from '../shared/exit-codes.ts';
import { VERSION } from '../shared/version.ts';
import type { Stdout } from './stdio-program.ts';

async function readFlags() {
  return yargs(hideBin(process.argv))
    .scriptName('snowflake-mcp')
    .usage('$0: MCP over stdio, for one local client')
    .option('demo', { type: 'boolean', default: false, describe: 'Use the embedded engine and sample data' })
    .option('config', { type: 'string', describe: 'Configuration file' })
    .option('env', { type: 'string', describe: 'Name of a configuration in config/' })
    .option('log-level', { choices: ['debug', 'info', 'warn', 'error'] as const, default: 'warn' as const })
    .version(VERSION)
    .strict()
    .fail((message, error) => {
      process.stderr.write(`${message ?? error.message}\n`);
      process.exit(EXIT.usage);
    })
    .parse();
}

/** The real stdout; everybody else's writes to it go to stderr from here on. */
function takeStdout(): Stdout {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  for (const level of ['log', 'info', 'debug'] as const) console[level] = console.error;
  // A reader of logs that went away ends nothing.
  process.stderr.on('error', () => {});
  return {
    write: (text) => void write(text),
    written: () => new Promise((resolve) => write('', () => resolve())),
  };
}

const flags = await readFlags();
const stdout = takeStdout();
const { runStdio } = await import('./stdio-program.ts');
await runStdio(flags, stdout);

/** A command of the package that a test ends by a signal on its way. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Ended, ROOT } from './process.ts';

type Interrupted = Pick<Ended, 'code' | 'signal' | 'stderr'>;

/** `kill` sends the signal; `ended` settles when the command is gone. */
export function begin(words: readonly string[], { env, cwd }: { env: Record<string, string>; cwd: string }) {
  const program = join(ROOT, 'bin/snowflake-mcp-daemon.js');
  const child = spawn(process.execPath, [program, ...words], { env, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Interrupted>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

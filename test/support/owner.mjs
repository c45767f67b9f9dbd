// Takes ownership of the paths in its first argument and says how it went, a JSON line each. Ends on SIGTERM, after
// giving the ownership back; `orphan` as second argument: also forks and records a process that outlives it.
import { spawn } from 'node:child_process';

const [pathsText = '{}', mode = 'hold'] = process.argv.slice(2);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const { acquireOwnership } = await import(new URL('../../dist/primary/ownership.js', import.meta.url).href);
const log = { info: (event) => say({ event }), warn: (event, _msg, facts) => say({ event, ...facts }) };
try {
  const own = await acquireOwnership(JSON.parse(pathsText), { log, guardMs: 100 });
  if (mode === 'orphan') {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
    own.recordWorkers([child.pid]);
    say({ orphan: child.pid });
  }
  process.once('SIGTERM', () => void own.release().then(() => process.exit(0)));
  setInterval(() => {}, 1000);
  say({ won: process.pid });
} catch (error) {
  say({ code: error.code, details: error.details, message: error.message });
  process.exit(1);
}

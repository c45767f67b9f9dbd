// A process that tries to take the ownership each time it is told paths, and says how it went and how long it took.
import { fileURLToPath } from 'node:url';

const { acquireOwnership } = await import(new URL('../../dist/primary/ownership.js', import.meta.url).href);
const log = { info: () => {}, warn: () => {} };
let own;
process.on('message', async ({ paths, release }) => {
  if (release) {
    await own?.release();
    own = undefined;
    return process.send({ released: true });
  }
  const begun = performance.now();
  try {
    own = await acquireOwnership(paths, { log });
    process.send({ won: process.pid, ms: performance.now() - begun });
  } catch (error) {
    process.send({ code: error.code, owner: error.details?.pid, ms: performance.now() - begun });
  }
});
process.on('disconnect', () => process.exit(0));
process.send({ up: fileURLToPath(import.meta.url) });

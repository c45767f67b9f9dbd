/**
 * Builds on install. An installation without dev dependencies has no compiler: it is fine when the
 * package was built before (npm publish, npm pack), and an error with a next step when it was not.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function compilerPath() {
  try {
    return createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace(/package\.json$/, 'bin/tsc');
  } catch {
    return undefined;
  }
}

const tsc = compilerPath();
if (tsc !== undefined && existsSync(`${root}src`)) {
  const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
  process.exit(run(tsc, '-p', 'tsconfig.build.json') || run('scripts/bundle.mjs'));
}
if (!existsSync(`${root}dist/cli/main.js`)) {
  console.error(
    'snowflake-mcp-daemon is not built and its compiler is not installed. Run `npm ci` without --omit=dev once.',
  );
  process.exit(1);
}

/**
 * Bundles each program of the package over its compiled root, with the code that several share in dist/chunks: hundreds
 * of small modules took most of the time and a quarter of the memory of a start.
 *
 * Packages stay outside when they are native or read files beside themselves, and when hardly any start needs them.
 * Source maps lie beside the files; src/shared/source-stack.ts reads them when a stack is told.
 */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Programs of one group share chunks; what the worker needs of a package is no burden to the primary. */
const GROUPS = {
  supervisor: ['cli/main', 'cli/http-main', 'primary/main', 'primary/next-config-main'],
  worker: ['worker/main', 'worker/stdio-main', 'worker/watchdog'],
  embedded: ['embedded/main'],
};

const OUTSIDE = [
  '@duckdb/node-api',
  '@guanmingchiu/sqlparser-ts',
  'chokidar',
  'lmdb',
  'node-unix-socket',
  'snowflake-sdk',
];

/** What CommonJS packages expect to find. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;

/** `z` as a namespace import, so that the parts of zod nobody uses (fifty languages) are left out. */
const leanZod = {
  name: 'lean-zod',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replace("import { z } from 'zod';", "import * as z from 'zod';"), loader: 'ts' };
    });
  },
};

/** What browsers get: script, style and icon of the status page. */
async function buildPage() {
  await build({
    absWorkingDir: root,
    entryPoints: ['main.ts', 'main.css', 'icon.svg'].map((name) => `src/page/${name}`),
    outdir: 'dist/page',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022', 'chrome111', 'firefox111', 'safari16'],
    loader: { '.svg': 'copy' },
    minify: true,
    logLevel: 'warning',
  });
}

rmSync(`${root}dist/chunks`, { recursive: true, force: true });
for (const [group, programs] of Object.entries(GROUPS)) {
  await build({
    absWorkingDir: root,
    entryPoints: programs.map((name) => ({ in: `src/${name}.ts`, out: name })),
    outdir: 'dist',
    chunkNames: `chunks/${group}-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: OUTSIDE,
    plugins: [leanZod],
    banner: { js: REQUIRE },
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'eof',
    logLevel: 'warning',
  });
}
await buildPage();

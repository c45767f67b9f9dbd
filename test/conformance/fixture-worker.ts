/**
 * Builds the worker's program with the fixtures of the official suites in it, beside the product's own, where it finds
 * what lies beside that one. It is taken away afterwards: no package has it.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const FILE = new URL('../../dist/worker/conformance-main.js', import.meta.url);

export interface FixtureWorker extends Disposable {
  /** Makes the workers of a daemon run it. */
  readonly env: Record<string, string>;
}

/** The product's module gives way to the fixture of its name, which imports it. */
const READY_ANSWERS: Plugin = {
  name: 'ready-answers',
  setup: ({ onResolve }) => {
    const path = fileURLToPath(new URL('./fixtures/ready-answers.mjs', import.meta.url));
    onResolve({ filter: /\/ready-answers\.ts$/ }, ({ importer }) => (importer === path ? undefined : { path }));
  },
};

export async function buildFixtureWorker(): Promise<FixtureWorker> {
  await build({
    entryPoints: [fileURLToPath(new URL('./fixtures/worker.mjs', import.meta.url))],
    outfile: fileURLToPath(FILE),
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'error',
    plugins: [READY_ANSWERS],
  });
  return {
    env: {
      NODE_OPTIONS: `--import ${new URL('./fixtures/register.mjs', import.meta.url).href}`,
      CONFORMANCE_WORKER: FILE.href,
    },
    [Symbol.dispose]: () => rmSync(FILE, { force: true }),
  };
}

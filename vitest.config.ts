import { defineConfig } from 'vitest/config';

const project = (name: string, more: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});

/** Unit tests never leave the process; the others start the built programs (run `npm run build` first). */
export default defineConfig({
  test: {
    projects: [
      project('unit', { testTimeout: 10_000 }),
      project('integration', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('faults', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('conformance', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('ops', { testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false }),
    ],
  },
});

import { defineConfig } from 'vitest/config';

/** They measure memory, speed or what a crowd does to the machine, so each has it for itself, after all others. */
const ALONE = [
  'integration/daemon/crowd',
  'integration/snowflake/large',
  'faults/cases/ipc',
  'faults/cases/memory',
  'faults/cases/metrics',
  'faults/cases/sessions',
];

const REAL = { testTimeout: 60_000, hookTimeout: 60_000 };
const alone = ALONE.map((name) => `test/${name}.test.ts`);

/** Groups run one after the other; the projects of one group share its workers. */
const project = (name: string, groupOrder: number, maxWorkers: number, more: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], sequence: { groupOrder }, maxWorkers, ...more },
});

/** Unit tests never leave the process; the others start the built programs (run `npm run build` first). */
export default defineConfig({
  test: {
    projects: [
      project('unit', 1, 2, { isolate: false, testTimeout: 10_000 }),
      project('integration', 2, 3, { ...REAL, exclude: alone }),
      project('faults', 2, 3, { ...REAL, exclude: alone }),
      project('alone', 3, 1, { ...REAL, include: alone }),
      project('conformance', 4, 3, REAL),
      project('ops', 5, 1, { testTimeout: 120_000, hookTimeout: 300_000 }),
    ],
  },
});

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They measure memory, speed or what a crowd does to the machine, so each has it for itself, after all others. */
const ALONE = [
  'integration/daemon/crowd',
  'integration/daemon/front-door',
  'integration/metrics/gauges',
  'integration/metrics/truth',
  'integration/snowflake/large',
  'faults/cases/ipc',
  'faults/cases/kills',
  'faults/cases/memory',
  'faults/cases/metrics',
].map((name) => `test/${name}.test.ts`);

/** Each takes a minute or more, so they are not left to the end, where nothing runs beside them. */
const LONG = [
  'integration/docs/console',
  'integration/cli/backup',
  'integration/cli/operations',
  'integration/daemon/ecosystem',
  'faults/cases/sessions',
  'faults/systemd',
  'ops/container',
  'ops/systemd',
].map((name) => `test/${name}.test.ts`);

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Long enough that what is waited for in a test tells first that it did not come. */
const PATIENT = { testTimeout: 120_000, hookTimeout: 120_000 };

/** Groups run one after the other; the projects of one group share its workers. */
const project = (name: string, groupOrder: number, maxWorkers: number, more: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], sequence: { groupOrder }, maxWorkers, ...more },
});

/** Unit tests never leave the process; the others start the built programs (run `npm run build` first). */
export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      project('unit', 1, 2, { isolate: false, ...PATIENT }),
      project('integration', 2, 2, { ...PATIENT, exclude: ALONE }),
      project('faults', 2, 2, { ...PATIENT, exclude: ALONE }),
      project('alone', 3, 1, { ...PATIENT, include: ALONE }),
      project('conformance', 4, 2, PATIENT),
      project('ops', 4, 2, { testTimeout: 180_000, hookTimeout: 300_000 }),
    ],
  },
});

/** The hot spare in the fleet rule. */
import { expect, test } from 'vitest';
import { processState, SPARE_SLOT } from '../../../../src/primary/rules/slot.ts';
import { FleetDriver, LIMITS } from './fleet-driver.ts';

const WITH_SPARE = { ...LIMITS, spares: 1 } as const;

/** Two workers and a spare, all ready. */
function ready(limits = WITH_SPARE): { driver: FleetDriver; spare: number } {
  const driver = new FleetDriver(2, limits).started();
  const spare = driver.find('fork').at(-1)?.incarnation ?? 0;
  driver.boot(spare).pass(20_000);
  return { driver, spare };
}

test('spare: it boots when all workers are ready, and takes no calls', () => {
  const driver = new FleetDriver(2, WITH_SPARE).send({ kind: 'tick' });
  expect(driver.find('fork')).toHaveLength(2);
  driver.boot(1).boot(2);
  expect(driver.find('fork').at(-1)).toMatchObject({ slot: SPARE_SLOT, listen: 'own' });
  driver.boot(3).pass(60_000);
  expect(driver.processes().map(processState)).toEqual(['ready', 'ready', 'spare']);
  expect(driver.find('listen')).toEqual([]);
});

test('spare: on a crash it takes the slot in the same moment and a new one boots', () => {
  const { driver, spare } = ready();
  driver.exit(driver.holder(1).id, null, 'SIGKILL');
  expect(driver.find('listen')).toEqual([{ kind: 'listen', incarnation: spare, slot: 1 }]);
  expect(driver.holder(1)).toMatchObject({ id: spare, slot: 1, door: { kind: 'open' } });
  expect(driver.find('ended').at(-1)).toMatchObject({ slot: 1, restarts: true, delayMs: 0 });
  expect(driver.find('fork').at(-1)).toMatchObject({ slot: SPARE_SLOT, listen: 'own' });
});

test('spare: while the next one boots, a further crash waits for its delay as without one', () => {
  const { driver } = ready();
  driver.exit(driver.holder(1).id).exit(driver.holder(0).id);
  expect(driver.fleet.slots[0]?.seat.kind).toBe('backoff');
});

test('spare: a crash loop still makes its slot errored', () => {
  const { driver } = ready();
  for (let round = 0; round < 4; round += 1) {
    driver.exit(driver.holder(0).id);
    for (const it of driver.processes()) if (it.phase.kind === 'forking') driver.boot(it.id);
    driver.pass(4000);
    if (driver.fleet.slots[0]?.seat.kind === 'errored') break;
  }
  expect(driver.fleet.slots[0]?.seat.kind).toBe('errored');
});

test('spare: it stands in for a suspect at once and leaves when that one comes back', () => {
  const { driver, spare } = ready();
  const silent = driver.holder(0).id;
  driver.pass(3000, [silent]);
  expect(driver.fresh(0)).toMatchObject({ id: spare, door: { kind: 'open' } });
  driver.tell(silent, { kind: 'beat', requests: 0 });
  expect(driver.find('drain')).toMatchObject([{ incarnation: spare }]);
});

test('spare: a reload renews it after the last worker', () => {
  const { driver, spare } = ready();
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  driver.boot(driver.fresh(1).id).exit(2, 0);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
  expect(driver.find('drain').at(-1)).toMatchObject({ incarnation: spare });
  driver.pass(500);
  expect(driver.find('fork').at(-1)).toMatchObject({ slot: SPARE_SLOT, edition: 1 });
});

test('spare: one that is too large or too old is renewed', () => {
  const { driver, spare } = ready();
  driver.tell(spare, { kind: 'memory', bytes: 600 }).tell(spare, { kind: 'memory', bytes: 600 });
  expect(driver.find('drain')).toMatchObject([{ incarnation: spare }]);
  driver.exit(spare, 0);
  expect(driver.find('ended').at(-1)).toMatchObject({ slot: SPARE_SLOT, end: { class: 'memory_soft' } });
});

test('spare: without memory for one more none boots, and a stop ends it', () => {
  const driver = new FleetDriver(1, WITH_SPARE).send({ kind: 'tick' });
  driver.headroomBytes = 100;
  driver.tell(1, { kind: 'memory', bytes: 300 }).boot(1).pass(5000);
  expect(driver.find('fork')).toHaveLength(1);
  driver.headroomBytes = 1000;
  driver.pass(500).boot(2).send({ kind: 'stop', deadlineMs: 1000 });
  expect(driver.find('drain')).toHaveLength(2);
  driver.exit(1, 0).exit(2, 0);
  expect(driver.fleet.stage.kind).toBe('stopped');
});

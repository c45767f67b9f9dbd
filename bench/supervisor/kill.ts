/**
 * From SIGKILL of a worker to an answer of its successor, as a client sees it.
 *
 * One worker each, so that an answer is the slot's. A fresh connection is tried every few milliseconds, whatever became
 * of those before, so that one which got lost on its way hides nothing.
 */
import { Agent } from 'node:http';
import type { Finding } from '../finding.ts';
import { median, rangeText, ratioText } from '../stats.ts';
import { ask, sleep } from './clients.ts';
import { type Contestant, SETTINGS } from './contestant.ts';
import { Ours } from './ours.ts';
import { Pm2 } from './pm2.ts';

const PROBE_EVERY_MS = 4;
const PROBE_MAX_MS = 2000;
const GIVE_UP_MS = 15_000;
/** PM2 counts a start as unstable within its first second. */
const SETTLE_MS = 1200;
const QUICK_SETTLE_MS = 300;

/** @returns milliseconds from the kill to the end of the first answer of another process */
async function killOnce(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: false });
  const { pid } = await ask(url, agent);
  const begun = performance.now();
  process.kill(pid, 'SIGKILL');
  let elapsed: number | undefined;
  while (elapsed === undefined) {
    if (performance.now() - begun > GIVE_UP_MS) throw new Error(`nobody answers ${GIVE_UP_MS} ms after the kill`);
    ask(url, agent, PROBE_MAX_MS).then(
      (answer) => {
        if (answer.pid !== pid) elapsed ??= performance.now() - begun;
      },
      () => {
        // Refused or cut: not serving yet.
      },
    );
    await sleep(PROBE_EVERY_MS);
  }
  return elapsed;
}

export async function killBench(quick: boolean): Promise<Finding[]> {
  const kills = quick ? 1 : 12;
  const settleMs = quick ? QUICK_SETTLE_MS : SETTLE_MS;
  const one = (restartDelayMs: number) => ({ ...SETTINGS, workers: 1, restartDelayMs });
  const slow = { ours: await Ours.make(one(500)), pm2: await Pm2.make(one(500)) };
  const quickly = { ours: await Ours.make(one(0)), pm2: await Pm2.make(one(0)) };
  const spare = await Ours.make({ ...one(500), spare: true });
  const all: Contestant[] = [slow.ours, slow.pm2, quickly.ours, quickly.pm2, spare];
  const times = new Map<Contestant, number[]>(all.map((contestant) => [contestant, []]));
  try {
    await Promise.all(all.map((contestant) => contestant.start()));
    // The first round only warms up.
    for (let round = quick ? 1 : 0; round <= kills; round += 1) {
      for (const contestant of all) {
        if (contestant instanceof Ours) await contestant.repair();
        await sleep(settleMs);
        const ms = await killOnce(contestant.url);
        if (round > 0) times.get(contestant)?.push(ms);
      }
    }
  } finally {
    await Promise.all(all.map((contestant) => contestant.close()));
  }
  const of = (contestant: Contestant) => times.get(contestant) ?? [];
  const finding = (what: string, ours: Contestant, theirs: Contestant, max: number): Finding => {
    const ratio = median(of(ours)) / median(of(theirs));
    return {
      what: `SIGKILL to serving, ${what}; ${kills} kills, median (least to most)`,
      ours: rangeText(of(ours), 'ms'),
      theirs: rangeText(of(theirs), 'ms'),
      ratio: ratioText(ratio),
      target: `<= ${max} x`,
      isMet: ratio <= max,
    };
  };
  return [
    finding('restart_delay 500 ms', slow.ours, slow.pm2, 1.1),
    finding('restart_delay 0', quickly.ours, quickly.pm2, 1.1),
    finding('workers.spare 1, PM2 with restart_delay 500 ms', spare, slow.pm2, 0.1),
    finding('workers.spare 1, PM2 with restart_delay 0', spare, quickly.pm2, 1),
  ];
}

/** A worker that takes memory fast: how far it gets over its limit before it is ended. */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import type { Finding } from '../finding.ts';
import { rangeText } from '../stats.ts';
import { ask, sleep } from './clients.ts';
import { type Contestant, SETTINGS } from './contestant.ts';
import { Ours } from './ours.ts';
import { Pm2 } from './pm2.ts';

const MIB = 1024 ** 2;
const RATE = 400;
const LIMIT = 1024;
const PM2_LIMIT = 300;
/** The worker under PM2 stops here, to spare the machine. */
const PM2_MAX = 2048;
/** PM2 looks every 30 s. */
const PM2_WAIT_MS = 45_000;
const OURS_WAIT_MS = 20_000;
const QUICK_WAIT_MS = 4000;
const SAMPLE_MS = 5;

interface Leak {
  readonly peakMib: number;
  readonly seconds: number;
  readonly isEnded: boolean;
}

async function leakOnce(contestant: Contestant, max: number, waitMs: number): Promise<Leak> {
  const { pid } = await ask(`${contestant.url}/leak?rate=${RATE}&max=${max}`, new Agent());
  const begun = performance.now();
  let peakMib = 0;
  for (;;) {
    const mib = residentMib(pid);
    const seconds = (performance.now() - begun) / 1000;
    if (mib === 0 || seconds * 1000 > waitMs) return { peakMib, seconds, isEnded: mib === 0 };
    peakMib = Math.max(peakMib, mib);
    await sleep(SAMPLE_MS);
  }
}

/** 0 when the process is gone. */
function residentMib(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export async function memoryBench(quick: boolean): Promise<Finding[]> {
  const ours = await Ours.make({ ...SETTINGS, memoryLimitBytes: LIMIT * MIB });
  const pm2 = await Pm2.make({ ...SETTINGS, memoryLimitBytes: PM2_LIMIT * MIB });
  try {
    await Promise.all([ours.start(), pm2.start()]);
    const overshoots: number[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      await ours.repair();
      const { peakMib, isEnded } = await leakOnce(ours, 4 * LIMIT, OURS_WAIT_MS);
      if (!isEnded) throw new Error(`our worker lives with ${peakMib} MiB`);
      overshoots.push((100 * (peakMib - LIMIT)) / LIMIT);
    }
    const theirs = await leakOnce(pm2, PM2_MAX, quick ? QUICK_WAIT_MS : PM2_WAIT_MS);
    const over = (100 * (theirs.peakMib - PM2_LIMIT)) / PM2_LIMIT;
    const end = `${theirs.isEnded ? 'ended' : 'still alive'} after ${theirs.seconds.toFixed(0)} s`;
    return [
      {
        what: `memory over the hard limit at ${RATE} MB/s; ours limit 1G, PM2's 300M and the leak stopped at 2G to spare the machine`,
        ours: rangeText(overshoots, '%'),
        theirs: `at least ${over.toFixed(0)} %; ${end}`,
        ratio: '',
        target: '<= 30 %',
        isMet: Math.max(...overshoots) <= 30,
      },
    ];
  } finally {
    await Promise.all([ours.close(), pm2.close()]);
  }
}

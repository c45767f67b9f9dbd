/**
 * The daemon of this package beside PM2 in cluster mode, both running app.mjs, in one run and in turns.
 * Run with `npm run bench -- supervisor`; all of it takes about eight minutes.
 */

import { FINDING_HEAD, type Finding, findingCells } from '../finding.ts';
import { writeFindings } from '../results.ts';
import type { Size } from '../size.ts';
import { printTable } from '../stats.ts';
import { SETTINGS } from './contestant.ts';
import { coldStart, restingMemory } from './footprint.ts';
import { killBench } from './kill.ts';
import { memoryBench } from './memory.ts';
import { Ours } from './ours.ts';
import { PM2_VERSION, Pm2 } from './pm2.ts';
import { brokenBench, plainBench, reloadBench } from './reload.ts';
import { scrapeBench } from './scrape.ts';

/** So that a version that never becomes ready is given up sooner. */
const QUICK_LISTEN_MS = 1500;

const METHOD = [
  `PM2 ${PM2_VERSION}, cluster mode, at its documented best: wait_ready with process.send('ready'), a SIGINT handler that closes`,
  'the server and answers with Connection: close, the same restart_delay, kill_timeout 8 s and listen_timeout 3 s as ours,',
  'monitoring agent and git data off, its own PM2_HOME. Ours: the built daemon and its commands, reload_soak 500 ms. The same',
  'worker program under both (bench/supervisor/app.mjs), the clients on the same machine, rounds interleaved.',
];

async function pairBench(quick: boolean): Promise<Finding[]> {
  const settings = quick ? { ...SETTINGS, listenTimeoutMs: QUICK_LISTEN_MS } : SETTINGS;
  const pair = [await Ours.make(settings), await Pm2.make(settings)] as const;
  try {
    const started = await coldStart(pair, quick);
    const fresh = await restingMemory(pair, 'after the start, 2 workers', quick);
    const reloads = await reloadBench(pair, quick);
    const used = await restingMemory(pair, `after ${quick ? 2 : 20} reloads under load`, quick);
    const broken = quick ? [] : await brokenBench(pair, quick);
    const plain = quick ? [] : await plainBench(pair[1]);
    return [...started, ...fresh, ...used, ...reloads, ...broken, ...plain];
  } finally {
    for (const contestant of pair) await contestant.close();
  }
}

export async function supervisor(size: Size): Promise<Finding[]> {
  for (const line of METHOD) console.log(line);
  const quick = size !== 'full';
  const findings: Finding[] = [];
  const parts =
    size === 'quick' ? [killBench, pairBench, scrapeBench] : [killBench, pairBench, memoryBench, scrapeBench];
  for (const part of parts) {
    const found = await part(quick);
    printTable(FINDING_HEAD, found.map(findingCells));
    findings.push(...found);
  }
  if (size === 'full') writeFindings('supervisor', METHOD, findings);
  return findings;
}

/** Rolling reloads under load, and reloads to a version that is broken: what clients lose and what the command says. */

import type { Finding } from '../finding.ts';
import { rangeText } from '../stats.ts';
import { addTallies, failedOf, type Load, sleep, startLoad, type Tally, tallyText } from './clients.ts';
import type { CommandEnd, Contestant, Plan } from './contestant.ts';

const CLIENTS = 20;
const HANDLER_MS = 20;
/** Clients go on for this long after the command has ended. */
const AFTER_MS = 1500;
const QUICK_AFTER_MS = 300;
const TOTAL_MIN = 20_000;
const PLAIN_RELOADS = 3;

interface Series {
  readonly tallies: Tally[];
  readonly commandMs: number[];
}

async function reloadUnderLoad(
  contestant: Contestant,
  isKeepAlive: boolean,
  requestsMin: number,
  afterMs = AFTER_MS,
): Promise<{ tally: Tally; end: CommandEnd }> {
  const load = startLoad(`${contestant.url}/slow?ms=${HANDLER_MS}`, { clients: CLIENTS, isKeepAlive });
  await sleep(200);
  const end = await contestant.reload();
  await sleep(afterMs);
  await untilAnswered(load, requestsMin);
  return { tally: await load.stop(), end };
}

async function untilAnswered(load: Load, min: number): Promise<void> {
  const begun = performance.now();
  while (load.answered() < min && performance.now() - begun < 20_000) await sleep(20);
}

export async function reloadBench(pair: readonly [Contestant, Contestant], quick: boolean): Promise<Finding[]> {
  const reloads = quick ? 1 : 10;
  const perReload = quick ? 500 : Math.ceil((1.05 * TOTAL_MIN) / reloads);
  const findings: Finding[] = [];
  for (const isKeepAlive of [true, false]) {
    const series = new Map<Contestant, Series>(pair.map((it) => [it, { tallies: [], commandMs: [] }]));
    for (let round = 0; round < reloads; round += 1) {
      for (const contestant of pair) {
        const { tally, end } = await reloadUnderLoad(
          contestant,
          isKeepAlive,
          perReload,
          quick ? QUICK_AFTER_MS : AFTER_MS,
        );
        if (end.code !== 0) throw new Error(`${contestant.name}: reload ended with ${end.code}\n${end.output}`);
        series.get(contestant)?.tallies.push(tally);
        series.get(contestant)?.commandMs.push(end.ms);
      }
    }
    const text = (contestant: Contestant) => {
      const { tallies, commandMs } = series.get(contestant) ?? { tallies: [], commandMs: [] };
      return `${tallyText(addTallies(tallies))}; command ${rangeText(commandMs, 'ms')}`;
    };
    const total = addTallies(series.get(pair[0])?.tallies ?? []);
    findings.push({
      what: `failed requests, ${reloads} reloads, ${CLIENTS} clients, ${isKeepAlive ? 'keep-alive' : 'a connection for each request'}`,
      ours: text(pair[0]),
      theirs: text(pair[1]),
      ratio: '',
      target: quick ? '0' : `0 of >= ${TOTAL_MIN}`,
      isMet: failedOf(total) === 0 && (quick || total.answered >= TOTAL_MIN),
    });
  }
  return findings;
}

const BROKEN: readonly { readonly what: string; readonly plan: Plan }[] = [
  { what: 'exits at boot', plan: { boot: 'exit' } },
  { what: 'never becomes ready', plan: { boot: 'never' } },
];

export async function brokenBench(pair: readonly [Contestant, Contestant], quick: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { what, plan } of BROKEN) {
    const results: { tally: Tally; end: CommandEnd }[] = [];
    for (const contestant of pair) {
      contestant.plan(plan);
      results.push(await reloadUnderLoad(contestant, true, 0, quick ? QUICK_AFTER_MS : AFTER_MS));
      contestant.plan({});
      await contestant.repair();
    }
    const text = ({ tally, end }: { tally: Tally; end: CommandEnd }) =>
      `${tallyText(tally)}; exit ${end.code} after ${(end.ms / 1000).toFixed(1)} s`;
    const [ours, theirs] = results;
    if (ours === undefined || theirs === undefined) continue;
    findings.push({
      what: `failed requests, reload to a version that ${what}`,
      ours: text(ours),
      theirs: text(theirs),
      ratio: '',
      target: '0, exit 1',
      isMet: failedOf(ours.tally) === 0 && ours.end.code === 1,
    });
  }
  return findings;
}

/** PM2 once more, with a program that leaves its signals alone, as most do. */
export async function plainBench(pm2: Contestant): Promise<Finding[]> {
  const tallies: Tally[] = [];
  pm2.plan({ handler: false });
  for (let round = 0; round <= PLAIN_RELOADS; round += 1) {
    const { tally } = await reloadUnderLoad(pm2, true, 0);
    // The first one still ends workers that have a handler.
    if (round > 0) tallies.push(tally);
  }
  return [
    {
      what: `failed requests, ${PLAIN_RELOADS} reloads, ${CLIENTS} clients, keep-alive; no SIGINT handler in the program`,
      ours: 'needs none',
      theirs: tallyText(addTallies(tallies)),
      ratio: '',
      target: '',
    },
  ];
}

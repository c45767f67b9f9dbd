/** Memory of the supervising processes at rest, and the time from nothing to a service with two workers. */
import { readFileSync } from 'node:fs';
import type { Finding } from '../finding.ts';
import { median, rangeText, ratioText } from '../stats.ts';
import { sleep } from './clients.ts';
import type { Contestant } from './contestant.ts';

const FIGURES = { RSS: ['Rss'], PSS: ['Pss'], USS: ['Private_Clean', 'Private_Dirty'] } as const;
type Figure = keyof typeof FIGURES;

/** In MiB, of /proc/PID/smaps_rollup (proc(5)). */
function memoryOf(pid: number): Record<Figure, number> {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const sum = (fields: readonly string[]) =>
    fields.reduce((total, field) => total + Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0), 0) /
    1024;
  return { RSS: sum(FIGURES.RSS), PSS: sum(FIGURES.PSS), USS: sum(FIGURES.USS) };
}

export async function restingMemory(
  pair: readonly [Contestant, Contestant],
  when: string,
  quick: boolean,
): Promise<Finding[]> {
  const samples = quick ? 3 : 10;
  const readings = new Map<Contestant, Record<Figure, number>[]>(pair.map((it) => [it, []]));
  for (let round = 0; round < samples; round += 1) {
    await sleep(quick ? 500 : 3000);
    for (const contestant of pair) readings.get(contestant)?.push(memoryOf(contestant.daemonPid()));
  }
  const of = (contestant: Contestant, figure: Figure) => (readings.get(contestant) ?? []).map((it) => it[figure]);
  return (['RSS', 'PSS', 'USS'] as const).map((figure) => {
    const ratio = median(of(pair[0], figure)) / median(of(pair[1], figure));
    return {
      what: `${figure} of the supervising process at rest, ${when}`,
      ours: rangeText(of(pair[0], figure), 'MiB'),
      theirs: rangeText(of(pair[1], figure), 'MiB'),
      ratio: ratioText(ratio),
      ...(figure === 'RSS' ? { target: '<= 1 x', isMet: ratio <= 1 } : { target: '' }),
    };
  });
}

export async function coldStart(pair: readonly [Contestant, Contestant], quick: boolean): Promise<Finding[]> {
  const rounds = quick ? 1 : 7;
  const times = new Map<Contestant, number[]>(pair.map((it) => [it, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of pair) {
      await contestant.stop();
      const { ms } = await contestant.start();
      times.get(contestant)?.push(ms);
    }
  }
  const [ours, theirs] = pair.map((it) => times.get(it) ?? []);
  if (ours === undefined || theirs === undefined) return [];
  const ratio = median(ours) / median(theirs);
  return [
    {
      what: `start command, no daemon running, until both workers are ready; ${rounds} starts`,
      ours: rangeText(ours, 'ms'),
      theirs: rangeText(theirs, 'ms'),
      ratio: ratioText(ratio),
      target: '<= 0.8 x',
      isMet: ratio <= 0.8,
    },
  ];
}

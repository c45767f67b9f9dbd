/**
 * `npm run bench -- [NAME...] [quick|short] [--minutes N]`: prints machine, versions, method and ratios of one run.
 *
 * `quick` runs all that have a target for their shape, several at once, and fails when one of them shows nothing; it judges
 * no time, and takes less than a minute where nothing else runs.
 */
import { BENCHES, type BenchName, isBench, LEFT_OUT } from './benches.ts';
import type { Finding } from './finding.ts';
import { goalsNotShown } from './goals.ts';
import { machineText, summaryRows, writeSummary } from './results.ts';
import type { Size } from './size.ts';
import { printTable } from './stats.ts';

const ALL = Object.keys(BENCHES).filter(isBench);
const SHAPES_AT_ONCE = 4;

function die(says: string): never {
  console.error(says);
  process.exit(2);
}

function readWords(words: readonly string[]): { size: Size; names: readonly BenchName[]; minutes: number | undefined } {
  const at = words.indexOf('--minutes');
  const minutes = at < 0 ? undefined : Number(words[at + 1]);
  if (minutes !== undefined && !(minutes > 0)) die('--minutes wants a number above 0');
  const plain = words.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const size = plain.map((word) => word.replace(/^--/, '')).find((word) => word === 'quick' || word === 'short');
  const names = plain.filter((word) => !/^(--)?(quick|short)$/.test(word) && word !== 'all');
  const unknown = names.filter((name) => !isBench(name));
  if (unknown.length > 0) die(`There is no bench ${unknown.join(', ')}. Known: ${ALL.join(', ')}`);
  return { size: size ?? 'full', names: names.filter(isBench), minutes };
}

const { size, names, minutes } = readWords(process.argv.slice(2));
console.log(machineText());
console.log('Absolute times vary by machine and load; the ratios are what counts.');
const found = new Map<BenchName, readonly Finding[]>();
const startedAt = performance.now();
const waiting = names.length > 0 ? [...names] : ALL.filter((each) => !LEFT_OUT[size].includes(each));
const isShapeOnly = size === 'quick' && names.length === 0;

async function runWaiting(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    console.log(`\n== ${name}`);
    const begunAt = performance.now();
    found.set(name, await BENCHES[name](size, { minutes }));
    console.log(`== ${name} took ${((performance.now() - begunAt) / 1000).toFixed(0)} s`);
  }
}

/** Their figures would disturb each other; where only the shape counts, waits of one are time for another. */
await Promise.all(Array.from({ length: isShapeOnly ? SHAPES_AT_ONCE : 1 }, runWaiting));
const { head, rows } = summaryRows(found);
console.log(`\n== summary, after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
printTable(head, rows);
if (isShapeOnly) {
  const missing = goalsNotShown(found);
  for (const { what } of missing) console.error(`Nothing was measured for: ${what}`);
  if (missing.length > 0) process.exitCode = 1;
} else if (size !== 'quick') writeSummary();

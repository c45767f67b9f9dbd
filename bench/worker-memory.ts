/** Resident memory of an idle worker beside a bare process that imports what the worker's sources import. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../test/support/daemon.ts';
import { ROOT } from '../test/support/process.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { residentMib } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { type Size, sized } from './size.ts';
import { median, printTable, rangeText, ratioText } from './stats.ts';

const PROGRAM = fileURLToPath(new URL('./bare-worker.mjs', import.meta.url));
/** A worker gives memory back when nobody asked it for nine seconds. */
const SETTLE_MS = 12_000;
/** Imported by the worker when it is configured so, or by the primary and the command only. */
const NOT_LOADED = /^(ioredis|yargs|yargs\/helpers|winston|croner|env-paths|yaml|smol-toml|proper-lockfile)$/;

const METHOD = [
  'Ours: the worker of a daemon that has just started, its HTTP service, session store and driver ready. Theirs: one Node process',
  'that imports the packages which the sources of the worker import, as they are published, and listens with node:http.',
  'Each started anew in turns and measured 12 s after it was ready; medians, in brackets the least and the most.',
];

/** Packages that the sources import at their top, and the driver. */
function importsOfWorker(): string[] {
  const found = new Set(['snowflake-sdk']);
  for (const part of ['src/worker', 'src/shared']) {
    for (const file of readdirSync(join(ROOT, part), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(ROOT, part, file), 'utf8');
      for (const [, words = '', name = ''] of text.matchAll(/^import ([^;]*?) from '([^.'][^']*)';/gm)) {
        if (!words.startsWith('type ') && !name.startsWith('node:') && !NOT_LOADED.test(name)) found.add(name);
      }
    }
  }
  return [...found].sort();
}

const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

async function bareMib(imports: readonly string[]): Promise<number> {
  const child = fork(PROGRAM, [...imports], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  await settle();
  const mib = residentMib([child.pid ?? 0]);
  child.disconnect();
  await once(child, 'exit');
  return mib;
}

async function ourMib(): Promise<number> {
  await using daemon = await startDaemon({ demo: false, workers: 1, env: ACCOUNT });
  const [worker] = (await daemon.status()).workers;
  await settle();
  return residentMib([worker?.pid ?? 0]);
}

const ACCOUNT = { SNOWFLAKE_ACCOUNT: 'none', SNOWFLAKE_USER: 'nobody', SNOWFLAKE_PASSWORD: 'none' };

export async function workerMemory(size: Size): Promise<Finding[]> {
  const imports = importsOfWorker();
  const rounds = sized(size, { quick: 1, short: 3, full: 7 });
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await ourMib());
    theirs.push(await bareMib(imports));
  }
  const ratio = median(ours) / median(theirs);
  const findings = [
    {
      what: `RSS of an idle worker; theirs: a process with the same ${imports.length} imports`,
      ours: rangeText(ours, 'MiB'),
      theirs: rangeText(theirs, 'MiB'),
      ratio: ratioText(ratio),
      target: '<= 1.15 x',
      isMet: ratio <= 1.15,
    },
  ];
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('worker-memory', [...METHOD, `Imports: ${imports.join(', ')}.`], findings);
  return findings;
}

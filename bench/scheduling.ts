/**
 * What workers.scheduling costs and saves: the same fleet of test workers under both policies, with clients that open a
 * connection for each call, in one run on one machine. Run with `npm run bench -- scheduling`.
 *
 * Each policy: calls while a worker is killed (SIGKILL) every 500 ms, calls while one worker stands still (SIGSTOP) until
 * it is killed, calls during reloads, the spread over workers, and latency at rest. A call that is not answered after
 * 8 s counts as hung.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FakeFleet } from '../test/support/fake-fleet.ts';
import type { Finding } from './finding.ts';
import type { Size } from './size.ts';

const HUNG_MS = 8000;
const CLIENTS = 20;
const POLICIES = ['rr', 'none'] as const;
const SECONDS = 15;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Tally {
  ok: number;
  reset: number;
  refused: number;
  hung: number;
  readonly ms: number[];
  readonly bySlot: Map<number, number>;
}

async function call(fleet: FakeFleet, tally: Tally): Promise<void> {
  const begun = performance.now();
  try {
    const { slot } = await fleet.get('/', { timeoutMs: HUNG_MS });
    tally.ok += 1;
    tally.ms.push(performance.now() - begun);
    tally.bySlot.set(slot, (tally.bySlot.get(slot) ?? 0) + 1);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (message === 'timeout') tally.hung += 1;
    else if (code === 'ECONNREFUSED') tally.refused += 1;
    else tally.reset += 1;
  }
}

/** Clients that ask without a pause while something is done to the fleet. */
async function under(fleet: FakeFleet, clients: number, deed: () => Promise<unknown>): Promise<Tally> {
  const tally: Tally = { ok: 0, reset: 0, refused: 0, hung: 0, ms: [], bySlot: new Map() };
  let isOver = false;
  const loops = Array.from({ length: clients }, async () => {
    while (!isOver) await call(fleet, tally);
  });
  await deed();
  isOver = true;
  await Promise.all(loops);
  return tally;
}

async function killLoop(fleet: FakeFleet, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let round = 0; performance.now() < end; round += 1) {
    await sleep(500);
    const pid = fleet.supervisor.workers()[round % 2]?.pid ?? 0;
    if (pid > 0) process.kill(pid, 'SIGKILL');
  }
}

async function standStill(fleet: FakeFleet): Promise<void> {
  process.kill(fleet.pid(0), 'SIGSTOP');
  await sleep(5000);
}

function line(what: string, { ok, reset, refused, hung, ms, bySlot }: Tally): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  const spread = [...bySlot].sort(([a], [b]) => a - b).map(([, count]) => Math.round((100 * count) / ok));
  const failed = `ok ${ok}, reset ${reset}, refused ${refused}, hung ${hung}`;
  return `  ${what.padEnd(34)} ${failed}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; share ${spread.join('/')} %`;
}

async function withFleet(policy: (typeof POLICIES)[number], count: number, use: (fleet: FakeFleet) => Promise<void>) {
  const limits = { restart_delay: '100ms', max_restarts: 10_000, max_restarts_total: 0, min_uptime: '0s' };
  const hang = { hang_suspect: '1s', hang_kill: '3s', reload_soak: '0s' };
  const fleet = await FakeFleet.make({ ...limits, ...hang, scheduling: policy }, { count });
  await fleet.start();
  await use(fleet);
  await fleet.close();
}

async function measure(policy: (typeof POLICIES)[number], seconds: number): Promise<void> {
  console.log(`workers.scheduling: ${policy}`);
  await withFleet(policy, 2, async (fleet) => {
    console.log(line('SIGKILL every 500 ms, 2 workers', await under(fleet, CLIENTS, () => killLoop(fleet, seconds))));
  });
  await withFleet(policy, 2, async (fleet) => {
    console.log(line('one of 2 stands still, 3 s', await under(fleet, CLIENTS, () => standStill(fleet))));
  });
  await withFleet(policy, 4, async (fleet) => {
    const reloads = async () => {
      for (let round = 0; round < 5; round += 1) await fleet.supervisor.reload(fleet.config, () => {});
    };
    console.log(line('5 reloads of 4 workers', await under(fleet, CLIENTS, reloads)));
    console.log(line('at rest, 1 client', await under(fleet, 1, () => sleep(4000))));
    console.log(line('at rest, 40 clients', await under(fleet, 40, () => sleep(4000))));
  });
}

/** node:cluster takes one policy for the life of a process, so each has its own. */
export async function scheduling(size: Size): Promise<Finding[]> {
  const quick = size !== 'full';
  for (const policy of POLICIES) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), policy, String(quick ? 5 : SECONDS)];
    spawnSync(process.execPath, args, { stdio: 'inherit' });
  }
  return [];
}

const asked = POLICIES.find((policy) => policy === process.argv[2]);
if (asked !== undefined) await measure(asked, Number(process.argv[3]));

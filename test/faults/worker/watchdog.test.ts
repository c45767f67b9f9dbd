/** A worker whose main thread is stuck still ends when its primary is gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';

const WATCHDOG = new URL('../../../dist/worker/watchdog.js', import.meta.url).href;

/** Zombies count as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const workerProgram = (work: string) => `
  const { startWatchdog } = await import(${JSON.stringify(WATCHDOG)});
  setInterval(() => {}, 1000);
  await startWatchdog(process.ppid);
  await new Promise((resolve) => process.send(process.pid, resolve));
  ${work}
`;

/** A primary that starts one worker and tells its pid. */
async function startPair(work: string): Promise<{ kill(): void; workerPid: number }> {
  const parent = `
    const { spawn } = require('node:child_process');
    const worker = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(workerProgram(work))}],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    worker.on('message', (pid) => console.log(pid));
  `;
  const primary = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(primary.stdout, 'data')) as [Buffer];
  const workerPid = Number(line.toString());
  onTestFinished(() => {
    primary.kill('SIGKILL');
    if (isAlive(workerPid)) process.kill(workerPid, 'SIGKILL');
  });
  return { kill: () => primary.kill('SIGKILL'), workerPid };
}

test('[fault 30] watchdog: a worker that is stuck in JavaScript is killed soon after its primary', async () => {
  const pair = await startPair('for (;;);');
  expect(isAlive(pair.workerPid)).toBe(true);
  pair.kill();
  await eventually(() => !isAlive(pair.workerPid), { what: 'the stuck orphan is gone' });
});

test('watchdog: a worker that still runs is left to drain, and one with a living primary to work', async () => {
  const busy = await startPair('const end = Date.now() + 3500; while (Date.now() < end); setInterval(() => {}, 1000);');
  const draining = await startPair("process.on('disconnect', () => {}); setInterval(() => {}, 1000);");
  draining.kill();
  const until = performance.now() + 5000;
  await eventually(() => {
    expect(isAlive(busy.workerPid) && isAlive(draining.workerPid)).toBe(true);
    return performance.now() > until;
  });
});

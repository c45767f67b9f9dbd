/** What tests of whole daemons under faults share: short times by a configuration file, and the workers as the primary sees them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DaemonStatus } from '../../src/shared/control-api.ts';
import type { Daemon } from './daemon.ts';

/** Flags of a daemon whose workers come back quickly and without end, with `workers` over them. */
export function faultConfig(workers: Readonly<Record<string, unknown>>): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'smd-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const quick = { restart_delay: '100ms', reload_soak: '100ms', max_restarts: 1000, backoff_jitter: 0, ...workers };
  writeFileSync(join(dir, 'fault.yaml'), JSON.stringify({ workers: quick }));
  return ['--config', join(dir, 'fault.yaml')];
}

/** Of the primary itself: a command would take a second of its own on a busy machine. */
export async function workersOf(daemon: Daemon): Promise<DaemonStatus['workers']> {
  const answer = await fetch(`${daemon.metricsUrl}/status`);
  return ((await answer.json()) as DaemonStatus).workers;
}

export const readyPids = async (daemon: Daemon): Promise<number[]> =>
  (await workersOf(daemon)).filter(({ state }) => state === 'ready').map(({ pid }) => pid);

/** The embedded engine in a process of its own, as the account that all contestants of a bench use. */
import { PassThrough } from 'node:stream';
import { type EmbeddedChild, startEmbeddedChild } from '../dist/shared/embedded-child.js';
import { createLog } from '../src/shared/log.ts';

export function startEngine(): Promise<EmbeddedChild> {
  return startEmbeddedChild({ log: createLog({ level: 'error', format: 'text', stream: new PassThrough().resume() }) });
}

/** Every statement is answered this much later; 0 ends it. */
export async function slowDown({ endpoint }: EmbeddedChild, delayMs: number): Promise<void> {
  const headers = { authorization: `Bearer ${endpoint.controlToken}`, 'content-type': 'application/json' };
  const url = `${endpoint.url}/embedded/faults`;
  const gone = await fetch(url, { method: 'DELETE', headers });
  if (!gone.ok) throw new Error(`faults: ${gone.status}`);
  if (delayMs === 0) return;
  const body = JSON.stringify({ fault: 'slow', delayMs, times: 0 });
  const set = await fetch(url, { method: 'POST', headers, body });
  if (!set.ok) throw new Error(`faults: ${set.status} ${await set.text()}`);
}

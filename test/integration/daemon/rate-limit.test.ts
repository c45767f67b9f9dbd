/** A limit per minute holds over the workers of a real cluster, which ask their primary. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { post, rawSession } from '../../support/worker-client.ts';

const RATE = 200;
let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon({ env: { CLIENT_RATE_LIMIT_REQUESTS_PER_MINUTE: String(RATE), LOG_FORMAT: 'json' } });
});
afterAll(() => daemon[Symbol.asyncDispose]());

test('rate limit: two workers together pass no more than rate and burst, hardly less, and nobody is recycled', async () => {
  const id = await rawSession(daemon.url);
  const before = (await daemon.status()).workers.map(({ pid }) => pid);
  let nextId = 1;
  const counts = { 200: 1, 429: 0 } as Record<number, number>;
  const send = async () => {
    for (let i = 0; i < 40; i++) {
      const answer = await post(daemon.url, { jsonrpc: '2.0', id: nextId++, method: 'ping' }, { 'mcp-session-id': id });
      await answer.text();
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  expect(Object.keys(counts)).toEqual(['200', '429']);
  expect(counts[200]).toBeLessThanOrEqual(RATE * 1.2);
  expect(counts[200]).toBeGreaterThanOrEqual(RATE * 0.95);
  await eventually(async () => {
    const text = await daemon.metrics();
    const refused = samples(text, 'rate_limit_exceeded_total').get('{limit_type="client_rate"}');
    return refused === counts[429] && sum(samples(text, 'mcp_rate_limit_hits_total')) === refused;
  });
  expect(sum(samples(await daemon.metrics(), 'supervisor_ipc_dropped_total'))).toBe(0);
  expect((await daemon.status()).workers.map(({ pid }) => pid)).toEqual(before);
});

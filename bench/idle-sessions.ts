/**
 * What a session costs that nobody uses: bytes of the process that holds many of them, each of which has made one call,
 * in this product and in the official SDK's transports held in memory. Both answer from memory, after a collection of garbage.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGood, openSession } from '../test/support/load.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { writeFindings } from './results.ts';
import { type Service, startService } from './service.ts';
import { type Size, sized } from './size.ts';
import { printTable, ratioText } from './stats.ts';

const AT_ONCE = 16;
/** For ours: sessions leave memory this long after their last request (state.session_memory_ttl is 2 minutes otherwise). */
const MEMORY_TTL = '1s';
const GONE_MS = 5000;
const KB_MAX = 30;
const METHOD = [
  'Each session: initialize, notifications/initialized, one tools/call, then nothing. Bytes: heap and external memory after a',
  `collection of garbage, what was held before taken off. Ours has state.session_memory_ttl = ${MEMORY_TTL} in place of 2m, so that the`,
  'figure does not have to be waited for; before that time a session that was used is held as the SDK holds it.',
];

async function openMany(service: Service, count: number): Promise<void> {
  let left = count;
  const one = async () => {
    while (left-- > 0) {
      const session = await openSession(service.url);
      const answer = await session.call('execute_query', { query: 'SELECT 1', limit: 1 });
      if (!isGood(answer)) throw new Error(`call failed: ${answer.status} ${answer.body.slice(0, 200)}`);
      session.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function bytesPerSession(service: Service, count: number, restMs: number): Promise<number> {
  await openMany(service, AT_ONCE);
  await sleep(restMs);
  const before = await service.heldBytes();
  await openMany(service, count);
  await sleep(restMs);
  return ((await service.heldBytes()) - before) / count;
}

export async function idleSessions(size: Size): Promise<Finding[]> {
  const count = sized(size, { quick: 300, short: 10_000, full: 10_000 });
  await using ours = await startService('ours', { session_memory_ttl: MEMORY_TTL });
  await using held = await startService('held');
  const [mine, theirs] = await Promise.all([
    bytesPerSession(ours, count, sized(size, { quick: 2500, short: GONE_MS, full: GONE_MS })),
    bytesPerSession(held, count, 200),
  ]);
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(2)} KB`;
  const ratio = mine / theirs;
  const findings = [
    {
      what: `memory of each of ${count} idle sessions; theirs: SDK transports in memory`,
      ours: kilobytes(mine),
      theirs: kilobytes(theirs),
      ratio: ratioText(ratio),
      target: `<= 0.2 x, <= ${KB_MAX} KB`,
      isMet: ratio <= 0.2 && mine <= KB_MAX * 1024,
    },
  ];
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('idle-sessions', METHOD, findings);
  return findings;
}

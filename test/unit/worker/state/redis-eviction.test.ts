/** What INFO tells about throwing records away. */
import { expect, test } from 'vitest';
import { evictionIn, warnOfEviction } from '../../../../src/worker/state/redis-eviction.ts';
import { logLines } from '../../../support/log-lines.ts';

test('eviction: policy and bound are read from INFO, and nothing from another text', () => {
  const info = '# Memory\r\nused_memory:1\r\nmaxmemory:100\r\nmaxmemory_human:100B\r\nmaxmemory_policy:allkeys-lru\r\n';
  expect(evictionIn(info)).toEqual({ policy: 'allkeys-lru', maxBytes: 100 });
  expect(evictionIn('# Memory\r\nused_memory:1\r\n')).toBeUndefined();
});

test.each([
  ['noeviction', 100, []],
  ['volatile-lru', 100, ['store.evicts']],
  ['allkeys-lru', 0, ['store.evicts']],
])('eviction: %s with maxmemory %i is told as %j', async (policy, max, told) => {
  const { log, events } = logLines();
  const info = async () => `maxmemory:${max}\r\nmaxmemory_policy:${policy}\r\n`;
  await warnOfEviction({ info }, 'redis://r', log);
  expect(events()).toEqual(told);
});

test('eviction: a server that does not tell is named with what it must be', async () => {
  const { log, lines } = logLines();
  await warnOfEviction({ info: () => Promise.reject(new Error('NOPERM')) }, 'redis://r', log);
  expect(lines).toMatchObject([
    { event: 'store.eviction_unknown', msg: expect.stringContaining('noeviction') as string },
  ]);
});

import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog } from '../../../../src/shared/log.ts';
import { SessionDirectory } from '../../../../src/worker/session/directory.ts';
import { createLocalLease } from '../../../../src/worker/session/lease.ts';
import { newSessionId, type SessionRecord } from '../../../../src/worker/session/record.ts';
import { createMemoryStore } from '../../../../src/worker/state/memory-store.ts';
import { fleetOf } from '../../../support/fleet-of.ts';

test('directory: a session that is ended while its use is written down has ended', async () => {
  const records = createMemoryStore<SessionRecord>();
  let isRaced = false;
  const shared: typeof records = {
    ...records,
    kind: 'shared',
    remove: async (key, version) => {
      const found = await records.get(key);
      if (!isRaced && found !== undefined) await records.replace(key, found.value, found.version);
      isRaced = true;
      return records.remove(key, version);
    },
  };
  const directory = new SessionDirectory({
    shared,
    lease: createLocalLease('d.1'),
    offer: '',
    fleet: fleetOf('d', 1, [1]),
    clock: { now: () => Date.now(), wall: () => new Date() },
    log: createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() }),
    recorder: { count: () => {}, set: () => {}, observe: () => {} },
    maxSessions: 10,
    maxPerPrincipal: 10,
    timeoutMs: 60_000,
  });
  const fields = { id: newSessionId(1), client: 'c', initialize: {}, protocol: '2025-11-25', jsonOnly: false };
  const record = await directory.create(fields, { id: 'key:a', scopes: ['read'] });
  await directory.remove(record);
  expect(isRaced).toBe(true);
  expect(await directory.locate(record.id, 'key:a')).toEqual({ kind: 'unknown' });
});

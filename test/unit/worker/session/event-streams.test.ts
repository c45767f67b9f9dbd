import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { createLog } from '../../../../src/shared/log.ts';
import { EventStreams } from '../../../../src/worker/session/event-streams.ts';
import type { StreamRecord } from '../../../../src/worker/session/stream-record.ts';
import { createMemoryStore } from '../../../../src/worker/state/memory-store.ts';
import type { StateStore } from '../../../../src/worker/state/store.ts';

const QUERY_ID = '01b00000-0000-0000-0000-00000000abcd';
const TTL_MS = 300_000;
const CALL = { session: 's', message: {}, bytes: 2, rpcId: 8, requestId: 'r', isRepeatable: false };
const log = createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() });

function scene() {
  let wallMs = 1_000_000;
  let isLost = false;
  const records = createMemoryStore<StreamRecord>();
  const shared: StateStore<StreamRecord> = {
    ...records,
    kind: 'shared',
    replace: async (...write) => {
      const version = await records.replace(...write);
      if (!isLost) return version;
      isLost = false;
      throw new AppError('STATE_UNAVAILABLE', { reason: 'the connection broke' });
    },
  };
  const worker = (owner: string) =>
    new EventStreams({
      shared,
      owner: () => owner,
      isGone: async () => true,
      clock: { now: () => wallMs, wall: () => new Date(wallMs) },
      log,
      recorder: { count: () => {}, set: () => {}, observe: () => {} },
      ttlMs: TTL_MS,
      sessionBytes: 10_000,
      totalBytes: 10_000,
    });
  return {
    worker,
    /** The next write lands, and nobody hears of it. */
    lose: () => {
      isLost = true;
    },
    pass: (ms: number) => {
      wallMs += ms;
    },
  };
}

/** A call whose client reads. */
async function begun(streams: EventStreams) {
  const stream = streams.begin(CALL);
  await stream.prime();
  const heard: string[] = [];
  stream.attach({ write: (text) => heard.push(text), end: () => heard.push('end'), cut: () => heard.push('cut') }, 0);
  return { stream, heard };
}

test('events: a write whose answer was lost does not cost the client its own', async () => {
  const { worker, lose } = scene();
  const streams = worker('d.1');
  const { stream, heard } = await begun(streams);
  stream.follow(() => QUERY_ID);
  lose();
  await stream.note();
  expect(await stream.answer('{"id":8}')).toBe(true);
  expect(heard).toEqual([expect.stringContaining('{"id":8}'), 'end']);
  const found = await streams.find('s', stream.id);
  expect(found?.value).toMatchObject({ end: { answer: '{"id":8}' } });
});

test('events: a call that another worker took over is not answered, whatever was lost before', async () => {
  const { worker, lose } = scene();
  const [first, second] = [worker('d.1'), worker('d.2')];
  const { stream, heard } = await begun(first);
  stream.follow(() => QUERY_ID);
  lose();
  await stream.note();
  const found = await second.find('s', stream.id);
  expect(found && (await second.claim(found))).toBeDefined();
  expect(await stream.answer('{"id":8}')).toBe(false);
  expect(heard).toEqual(['cut']);
});

test('events: a call that runs for longer than records are kept is written down again, once each time', async () => {
  const { worker, pass } = scene();
  const streams = worker('d.1');
  const { stream } = await begun(streams);
  const versions: (number | undefined)[] = [];
  for (const ms of [TTL_MS, 1, 1, TTL_MS + 1]) {
    pass(ms);
    await streams.noteAll();
    versions.push((await streams.find('s', stream.id))?.version);
  }
  expect(versions).toEqual([1, 2, 2, 3]);
  expect(await stream.answer('{}')).toBe(true);
});

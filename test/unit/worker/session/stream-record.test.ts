import { expect, test } from 'vitest';
import {
  decideResumption,
  eventId,
  firstNumber,
  newStreamId,
  parseEventId,
  type StreamRecord,
} from '../../../../src/worker/session/stream-record.ts';

const record = (more: Partial<StreamRecord> = {}): StreamRecord => ({
  session: 's',
  owner: 'd.1',
  message: { method: 'tools/call' },
  rpcId: 1,
  requestId: 'r',
  isRepeatable: true,
  tries: 1,
  writtenAtMs: 0,
  ...more,
});

test('event id: it tells stream and number, and nothing else is one', () => {
  const stream = newStreamId();
  expect(parseEventId(eventId(stream, 7))).toEqual({ stream, no: 7 });
  for (const text of [
    '',
    '7',
    `${stream}.`,
    `${stream}.-1`,
    `${stream}.1 `,
    `${stream}.1234567890`,
    '../x.1',
    '_GET_stream',
  ]) {
    expect(parseEventId(text)).toBeUndefined();
  }
});

test('event id: a worker that takes a call over numbers on above all numbers before it', () => {
  expect([1, 2, 3].map(firstNumber)).toEqual([0, 1_000_000, 2_000_000]);
});

test('resumption: an answer is replayed to who has not seen it', () => {
  const end = { no: 5, answer: '{}', isCancelled: false };
  expect(decideResumption(record({ end }), 4)).toEqual({ kind: 'replay', no: 5, answer: '{}' });
  expect(decideResumption(record({ end }), 5)).toEqual({ kind: 'complete' });
  expect(decideResumption(record({ end: { ...end, answer: null } }), 4)).toEqual({ kind: 'gone' });
  expect(decideResumption(record({ end: { ...end, answer: null, isCancelled: true } }), 4)).toEqual({
    kind: 'complete',
  });
});

test('resumption: a write whose client is being asked has not run: it is asked again, as often as needed', () => {
  const asking = record({ isRepeatable: false, isAsking: true, tries: 9 });
  expect(decideResumption(asking, 1)).toEqual({ kind: 'carry-on', queryId: undefined });
  expect(decideResumption(record({ isRepeatable: false }), 1).kind).toBe('interrupted');
});

test('resumption: a read is run once more; one whose statement has a name is waited for, as often as needed', () => {
  expect(decideResumption(record(), 1)).toEqual({ kind: 'carry-on', queryId: undefined });
  expect(decideResumption(record({ tries: 2 }), 1).kind).toBe('interrupted');
  expect(decideResumption(record({ tries: 9, queryId: 'q' }), 1)).toEqual({ kind: 'carry-on', queryId: 'q' });
  expect(decideResumption(record({ tries: 100, queryId: 'q' }), 1).kind).toBe('interrupted');
  expect(decideResumption(record({ message: null }), 1).kind).toBe('interrupted');
});

test('resumption: what does harm twice never runs again, whether or not its statement has a name', () => {
  expect(decideResumption(record({ isRepeatable: false }), 1)).toEqual({ kind: 'interrupted', queryId: undefined });
  expect(decideResumption(record({ isRepeatable: false, queryId: 'q' }), 1)).toEqual({
    kind: 'interrupted',
    queryId: 'q',
  });
});

import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { type WorkerMessage, workerMessageSchema } from '../../../src/shared/ipc.ts';
import { createWorkerMetrics } from '../../../src/worker/metrics.ts';
import { createPrimaryLink, type IpcChannel } from '../../../src/worker/primary-link.ts';
import { eventually } from '../../support/eventually.ts';

class FakeChannel extends EventEmitter implements IpcChannel {
  connected = true;
  readonly sent: WorkerMessage[] = [];
  send(message: WorkerMessage, callback: (error: Error | null) => void): boolean {
    if (!this.connected) throw new Error('channel closed');
    this.sent.push(message);
    callback(null);
    return true;
  }
}

const figures = () => ({
  inflight: 0,
  connections: 0,
  sessions: 0,
  requests: 0,
  snowflake: 'unknown' as const,
  pool: { active: 0, idle: 0, total: 0, max: 8, waiting: 0, peak: 0, oldestWaitMs: 0 },
});

test('link: beats and metrics have the shape the primary checks', async () => {
  const channel = new FakeChannel();
  const link = createPrimaryLink(channel);
  link.startReporting(createWorkerMetrics(), figures, () => {});
  await eventually(() => channel.sent.some((message) => message.type === 'metrics'));
  expect(channel.sent.map((message) => workerMessageSchema.safeParse(message).success)).not.toContain(false);
  expect(channel.sent.slice(0, 2).map((message) => message.type)).toEqual(['hello', 'beat']);
});

test('link: a drain that was said before anybody listened is heard', () => {
  const channel = new FakeChannel();
  const link = createPrimaryLink(channel);
  channel.emit('message', { type: 'drain', deadlineMs: 100, lameDuckMs: 5 });
  const heard: number[][] = [];
  link.onDrain((...budget) => heard.push(budget));
  expect(heard).toEqual([[100, 5]]);
});

test('link: a channel that is gone throws nowhere', async () => {
  const channel = new FakeChannel();
  const link = createPrimaryLink(channel);
  let isLost = false;
  link.onPrimaryLost(() => {
    isLost = true;
  });
  channel.connected = false;
  channel.emit('disconnect');
  expect(isLost).toBe(true);
  link.ready(1, '/x');
  await link.failed({ code: 'INTERNAL', message: 'm', next: 'n', retry: false });
  await link.drained(10_000);
});

test('link: drained waits for the acknowledgement, but not for long', async () => {
  const channel = new FakeChannel();
  const link = createPrimaryLink(channel);
  await link.drained(10);
  const acknowledged = link.drained(10_000);
  channel.emit('message', { type: 'flushed' });
  await acknowledged;
  expect(channel.sent.map((message) => message.type)).toEqual(['hello', 'drained', 'drained']);
});

test('link: figures are told also when none has changed, since the primary tells how old they are', async () => {
  const channel = new FakeChannel();
  const link = createPrimaryLink(channel);
  link.startReporting({ changes: async () => [] }, figures, () => {});
  await eventually(() => channel.sent.some((message) => message.type === 'metrics'));
  expect(channel.sent.find((message) => message.type === 'metrics')).toEqual({ type: 'metrics', series: [] });
});

test('link: what an earlier push has left to send never follows what a later one sends', async () => {
  const channel = new FakeChannel();
  const taken: (() => void)[] = [];
  channel.send = (message, callback) => {
    channel.sent.push(message);
    taken.push(() => callback(null));
    return true;
  };
  const link = createPrimaryLink(channel);
  let pushes = 0;
  const many = () => Array.from({ length: 501 }, (_, at) => ({ name: `n${at}`, labels: [], value: pushes }));
  const changes = async () => {
    pushes += 1;
    return many();
  };
  link.startReporting({ changes }, figures, () => {});
  await eventually(() => channel.sent.some(({ type }) => type === 'metrics'));
  // The channel is slow: the second part of the first push still waits.
  let isOver = false;
  const left = link.drained(10).then(() => {
    isOver = true;
  });
  const pushed = () => channel.sent.flatMap((message) => (message.type === 'metrics' ? message.series : []));
  await eventually(() => {
    for (const take of taken.splice(0)) take();
    return isOver;
  });
  await left;
  const told = pushed().map((series) => 'value' in series && series.value);
  expect(told).toEqual([...Array(501).fill(1), ...Array(501).fill(2)]);
});

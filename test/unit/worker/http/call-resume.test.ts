import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANONYMOUS } from '../../../../src/shared/principal.ts';
import { type CallResumeOptions, type ReturningClient, resumeCall } from '../../../../src/worker/http/call-resume.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SILENT_MS = 40_000;

function scene(isGone: boolean) {
  const written: string[] = [];
  const attached = new Set<unknown>();
  const stream = {
    attach: (reader: unknown) => attached.add(reader),
    detach: (reader: unknown) => attached.delete(reader),
  };
  const to = Object.assign(new EventEmitter(), {
    destroyed: isGone,
    writeHead: () => {},
    flushHeaders: () => {},
    write: (text: string) => written.push(text),
  });
  const options = { streams: { running: () => stream }, tools: new Map(), recorder: { count: () => {} } };
  const client = {
    record: { id: 's' },
    live: {},
    lastEventId: `${'a'.repeat(32)}.1`,
    origin: { requestId: 'r', principal: ANONYMOUS },
    mayWrite: () => true,
    to: to as unknown as ServerResponse,
  };
  const resumed = resumeCall(options as unknown as CallResumeOptions, client as unknown as ReturningClient);
  const comments = () => written.filter((text) => text.startsWith(':')).length;
  return { to, resumed, attached, comments };
}

test('resume: a client that came back hears a comment from time to time, so that proxies leave its stream open', async () => {
  const { to, resumed, attached, comments } = scene(false);
  await vi.advanceTimersByTimeAsync(SILENT_MS);
  expect(comments()).toBe(2);
  to.emit('close');
  await resumed;
  await vi.advanceTimersByTimeAsync(SILENT_MS);
  expect([comments(), attached.size]).toEqual([2, 0]);
});

test('resume: a client that has gone again meanwhile is not waited for', async () => {
  const { resumed, attached } = scene(true);
  await resumed;
  expect(attached.size).toBe(0);
});

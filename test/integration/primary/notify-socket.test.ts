import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatagramSender, createProgramSender, type Outcome } from '../../../src/primary/notify-socket.ts';
import { eventually } from '../../support/eventually.ts';
import { listenForNotify } from '../../support/notify-listener.ts';
import { ROOT } from '../../support/process.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'notify-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const outcomeOf = (sender: ReturnType<typeof createDatagramSender>, text: string) =>
  new Promise<Outcome>((resolve) => sender(text, resolve));

test.each(['path', 'abstract'])('notify socket: a datagram reaches a socket with a %s address', async (kind) => {
  const address = kind === 'path' ? join(dir, 's') : `@snowflake-mcp-test-${process.pid}`;
  const listener = listenForNotify(address);
  try {
    expect(await outcomeOf(createDatagramSender(address), 'READY=1\nSTATUS=well')).toBe('sent');
    await eventually(() => listener.heard.length === 1, { what: 'the datagram' });
    expect(listener.heard[0]?.text).toBe('READY=1\nSTATUS=well');
  } finally {
    listener.close();
  }
});

test.each(['nobody', `x`.repeat(200)])(
  'notify socket: %s at the address is an error, not an exception',
  async (name) => {
    expect(await outcomeOf(createDatagramSender(join(dir, name)), 'READY=1')).toBeInstanceOf(Error);
  },
);

const STOPPED_READER = `
const { DgramSocket } = require('node-unix-socket');
new DgramSocket().bind(process.argv[1]);
process.stdout.write('up');
`;

test('notify socket: a manager that does not read makes it full, without waiting and without busy work', async () => {
  const path = join(dir, 's');
  const reader = spawn(process.execPath, ['-e', STOPPED_READER, path], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(reader.stdout, 'data');
    reader.kill('SIGSTOP');
    const send = createDatagramSender(path);
    const startedAt = performance.now();
    let last: Outcome = 'sent';
    for (let i = 0; i < 2000 && last === 'sent'; i += 1) last = await outcomeOf(send, `STATUS=${i}`);
    expect(last).toBe('full');
    expect(performance.now() - startedAt).toBeLessThan(2000);
    const before = process.cpuUsage();
    await sleep(500);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(250);
    reader.kill('SIGCONT');
    await eventually(async () => (await outcomeOf(send, 'STATUS=after')) === 'sent', {
      what: 'it takes messages again',
    });
  } finally {
    reader.kill('SIGKILL');
  }
});

test('notify socket: the program in its place brings the same datagram', async () => {
  const path = join(dir, 's');
  const listener = listenForNotify(path);
  try {
    expect(await outcomeOf(createProgramSender(path), 'READY=1\nSTATUS=2 of 2')).toBe('sent');
    await eventually(() => listener.texts('READY=1').length === 1, { what: 'the datagram' });
    expect(listener.texts('READY=1')).toEqual(['READY=1\nSTATUS=2 of 2']);
  } finally {
    listener.close();
  }
});

test('notify socket: a program that is not there is an error, not an exception', async () => {
  expect(await outcomeOf(createProgramSender(join(dir, 's'), join(dir, 'missing')), 'READY=1')).toBeInstanceOf(Error);
});

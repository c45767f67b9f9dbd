/** The control socket over a real unix socket: answers, bounds, bad input, and what is left of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type ControlHandler, startControlServer } from '../../../src/primary/control-server.ts';
import { CONTROL_MAX_REQUEST_BYTES, type ControlReply } from '../../../src/shared/control-api.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { logLines } from '../../support/log-lines.ts';
import { tempDir } from '../../support/temp-dir.ts';

const answers: ControlHandler = async (request, progress) => {
  progress('one');
  progress('two');
  return { text: request.command };
};

async function serverIn(handle: ControlHandler = answers, requestWaitMs = 5000) {
  const dir = tempDir();
  const path = join(dir.path, 'control.sock');
  const { log, events } = logLines();
  const server = await startControlServer(path, handle, log, { requestWaitMs });
  const close = async () => {
    await server.close();
    await dir[Symbol.asyncDispose]();
  };
  return { path, events, close: server.close, [Symbol.asyncDispose]: close };
}

/** Everything that comes back until the end of the stream. */
async function exchange(path: string, ...parts: readonly string[]): Promise<ControlReply[]> {
  const socket = connect(path);
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  return replies(socket);
}

async function replies(socket: Socket): Promise<ControlReply[]> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  if (!socket.closed) await once(socket, 'close');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ControlReply);
}

test('control: progress lines come first, then the result, then the end of the stream', async () => {
  await using server = await serverIn();
  expect(await exchange(server.path, '{"command":', '"reload"}\n')).toEqual([
    { type: 'progress', text: 'one' },
    { type: 'progress', text: 'two' },
    { type: 'result', data: { text: 'reload' } },
  ]);
});

test('control: a client that closes its side after the request gets its answer', async () => {
  await using server = await serverIn();
  const socket = connect(server.path);
  socket.end('{"command":"status"}\n');
  expect((await replies(socket)).at(-1)).toEqual({ type: 'result', data: { text: 'status' } });
});

test('control: the socket is closed to others', async () => {
  await using server = await serverIn();
  expect(statSync(server.path).mode & 0o777).toBe(0o600);
});

test.each([
  ['no JSON', 'status\n'],
  ['nothing', '\n'],
  ['an unknown command', '{"command":"explode"}\n'],
  ['a field too many', '{"command":"status","x":1}\n'],
  ['a field of the wrong type', '{"command":"scale","count":"9"}\n'],
  ['a field out of range', '{"command":"scale","count":-1}\n'],
  ['a prototype key', '{"__proto__":{"command":"stop"}}\n'],
  ['deep nesting', `${'['.repeat(60_000)}\n`],
  ['a line that is too long', `${' '.repeat(CONTROL_MAX_REQUEST_BYTES + 1)}`],
])('control: %s is refused with the reason, and the next request is served', async (_what, line) => {
  const handle = vi.fn(answers);
  await using server = await serverIn(handle);
  const [reply] = await exchange(server.path, line);
  expect(reply).toMatchObject({ type: 'error', error: { code: 'CONTROL_BAD_REQUEST' } });
  expect(handle).not.toHaveBeenCalled();
  expect(await exchange(server.path, '{"command":"status"}\n')).toHaveLength(3);
});

test('control: a request that never ends is cut off', async () => {
  await using server = await serverIn(answers, 50);
  expect(await exchange(server.path, '{"command":')).toMatchObject([
    { type: 'error', error: { code: 'CONTROL_BAD_REQUEST' } },
  ]);
});

test('control: failures are answered in their own words, unknown ones without their text', async () => {
  const errors = [new AppError('RELOAD_FAILED', { reason: 'no luck' }), new Error('a secret')];
  await using server = await serverIn(async () => {
    throw errors.shift();
  });
  expect(await exchange(server.path, '{"command":"reload"}\n')).toMatchObject([
    { type: 'error', error: { code: 'RELOAD_FAILED', message: 'Reload was aborted: no luck' } },
  ]);
  const [unknown] = await exchange(server.path, '{"command":"reload"}\n');
  expect(unknown).toMatchObject({ type: 'error', error: { code: 'INTERNAL' } });
  expect(JSON.stringify(unknown)).not.toContain('secret');
  expect(server.events()).toContain('control.failed');
});

test('control: 32 clients are served at once, the next is told so', async () => {
  let running = 0;
  const { promise: gate, resolve: open } = deferred();
  await using server = await serverIn(async () => {
    running += 1;
    await gate;
    return { text: 'done' };
  });
  const all = Array.from({ length: 32 }, () => exchange(server.path, '{"command":"status"}\n'));
  await eventually(() => running === 32, { what: '32 requests run' });
  expect(await exchange(server.path, '{"command":"status"}\n')).toMatchObject([
    { type: 'error', error: { code: 'CONTROL_BUSY', retry: true } },
  ]);
  open();
  for (const reply of await Promise.all(all)) expect(reply).toEqual([{ type: 'result', data: { text: 'done' } }]);
});

test('control: a client that goes away in the middle harms nobody', async () => {
  const { promise: gate, resolve: open } = deferred();
  let isRunning = false;
  await using server = await serverIn(async (_request, progress) => {
    isRunning = true;
    await gate;
    for (let at = 0; at < 1000; at += 1) progress('x'.repeat(1000));
    return { text: 'late' };
  });
  const socket = connect(server.path);
  socket.write('{"command":"reload"}\n');
  await eventually(() => isRunning, { what: 'the request runs' });
  socket.destroy();
  open();
  expect((await exchange(server.path, '{"command":"status"}\n')).length).toBeGreaterThan(0);
});

test('control: close takes the socket away, lets answers out and ends silent clients', async () => {
  const { promise: gate, resolve: open } = deferred();
  let isRunning = false;
  await using server = await serverIn(async () => {
    isRunning = true;
    await gate;
    return { text: 'stopped' };
  });
  const silent = connect(server.path);
  const answer = exchange(server.path, '{"command":"stop","timeoutMs":1}\n');
  await eventually(() => isRunning, { what: 'the request runs' });
  const closed = server.close();
  expect(existsSync(server.path)).toBe(false);
  open();
  expect(await answer).toEqual([{ type: 'result', data: { text: 'stopped' } }]);
  await closed;
  if (!silent.closed) await once(silent, 'close');
});

test('control: the socket a killed daemon left is replaced', async () => {
  await using dir = tempDir();
  const path = join(dir.path, 'control.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  expect(statSync(path).isSocket()).toBe(true);
  const server = await startControlServer(path, answers, logLines().log);
  expect(await exchange(path, '{"command":"status"}\n')).toHaveLength(3);
  await server.close();
});

test('control: a socket that is deleted with its directory is there again as soon as that is, until the end', async () => {
  await using dir = tempDir();
  const runDir = join(dir.path, 'run');
  const path = join(runDir, 'control.sock');
  mkdirSync(runDir);
  const { log, events } = logLines();
  const server = await startControlServer(path, answers, log, { guardMs: 20 });
  rmSync(runDir, { recursive: true });
  mkdirSync(runDir);
  await eventually(() => existsSync(path), { what: 'the socket is back' });
  expect(await exchange(path, '{"command":"status"}\n')).toHaveLength(3);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(events()).toContain('control.reopened');
  await server.close();
  expect(existsSync(path)).toBe(false);
});

test.each<[string, (path: string) => void]>([
  ['a plain file', (path) => writeFileSync(path, 'mine')],
  ['a directory', (path) => mkdirSync(path)],
  ['a link', (path) => symlinkSync('/etc/hostname', path)],
])('control: %s under its name is left alone and refused', async (_what, make) => {
  await using dir = tempDir();
  const path = join(dir.path, 'control.sock');
  make(path);
  const start = startControlServer(path, answers, logLines().log);
  await expect(start).rejects.toMatchObject({ code: 'PATH_UNUSABLE' });
  expect(existsSync(path)).toBe(true);
});

test('control: a socket that another process listens on, and a path that is too long, are refused', async () => {
  await using dir = tempDir();
  const path = join(dir.path, 'control.sock');
  const other = createServer((socket) => socket.destroy()).listen(path);
  await once(other, 'listening');
  const { log } = logLines();
  await expect(startControlServer(path, answers, log)).rejects.toThrow(/another process listens/);
  other.close();
  const long = join(dir.path, 'x'.repeat(108));
  await expect(startControlServer(long, answers, log)).rejects.toThrow(/longer than/);
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

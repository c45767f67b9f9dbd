/** The embedded Snowflake as a kept child (run `npm run build` first): start, restart in place, end. */
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedChild } from '../../../src/shared/embedded-child.ts';
import { eventually } from '../../support/eventually.ts';
import { logLines } from '../../support/log-lines.ts';
import { isAlive, ROOT } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const program = `${ROOT}dist/embedded/main.js`;

/** Asks for something that needs the control token, so that a good answer proves which child answers. */
const isServing = async ({ url, controlToken }: { url: string; controlToken: string }) =>
  (await fetch(`${url}/embedded/queries`, { headers: { authorization: `Bearer ${controlToken}` } })).ok;

test('embedded child: it serves on loopback with a key of its own, and close ends it', async () => {
  const { log } = logLines();
  const child = await startEmbeddedChild({ log, program });
  const pid = child.pid();
  expect(isAlive(pid)).toBe(true);
  expect(child.endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(createPrivateKey(child.endpoint.privateKeyPem).asymmetricKeyType).toBe('rsa');
  expect(await isServing(child.endpoint)).toBe(true);
  await Promise.all([child.close(), child.close()]);
  expect([isAlive(pid), child.pid()]).toEqual([false, 0]);
});

test('embedded child: killed, it comes back on the same port with the same token', async () => {
  const { log, events } = logLines();
  const child = await startEmbeddedChild({ log, program });
  try {
    const first = child.pid();
    process.kill(first, 'SIGKILL');
    await eventually(() => child.pid() !== first && child.pid() !== 0 && isServing(child.endpoint), {
      what: 'it serves again',
      deadlineMs: 20_000,
    });
    expect(events()).toEqual(expect.arrayContaining(['embedded.exited']));
  } finally {
    await child.close();
  }
});

test('embedded child: closed while it waits to be started again, it stays down', async () => {
  const { log, events } = logLines();
  const child = await startEmbeddedChild({ log, program });
  process.kill(child.pid(), 'SIGKILL');
  await eventually(() => events().includes('embedded.exited'), { what: 'its end is noticed' });
  await child.close();
  expect(child.pid()).toBe(0);
});

test('embedded child: it ends with a parent that is killed', async () => {
  const script = `
    const { startEmbeddedChild } = await import(${JSON.stringify(`file://${ROOT}dist/shared/embedded-child.js`)});
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const child = await startEmbeddedChild({ log });
    console.log(child.pid());`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await eventually(() => !isAlive(pid), { what: 'the child is gone' });
});

test.each([
  [
    'says why not',
    "process.once('message', () => process.send({ type: 'failed', message: 'no engine here' }))",
    /no engine here/,
  ],
  ['ends at once', 'process.exit(3)', /code 3/],
])('embedded child: one that %s is an error with the reason', async (_what, code, words) => {
  await using dir = tempDir();
  const file = join(dir.path, 'main.cjs');
  writeFileSync(file, code);
  const { log } = logLines();
  await expect(startEmbeddedChild({ log, program: file })).rejects.toMatchObject({
    code: 'ENGINE_MISSING',
    message: expect.stringMatching(words),
  });
});

test('embedded child: nothing of the environment that may be a secret reaches it', async () => {
  await using dir = tempDir();
  const file = join(dir.path, 'main.cjs');
  writeFileSync(
    file,
    "process.once('message', () => process.send({ type: 'failed', message: Object.keys(process.env).sort().join() }))",
  );
  process.env.SNOWFLAKE_PASSWORD = 'x';
  try {
    const { log } = logLines();
    const error = await startEmbeddedChild({ log, program: file }).catch((reason: Error) => reason);
    expect(String(error)).toContain('PATH');
    expect(String(error)).not.toContain('SNOWFLAKE');
  } finally {
    delete process.env.SNOWFLAKE_PASSWORD;
  }
});

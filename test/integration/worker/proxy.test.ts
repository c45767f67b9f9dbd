/** The way to the owner of a session: what must not be sent twice never takes a connection that others have used. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANONYMOUS } from '../../../src/shared/principal.ts';
import { OwnerProxy } from '../../../src/worker/http/proxy.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

let dir: TempDir;
let owner: Server;
let front: Server;
let proxy: OwnerProxy;
let connections: number;

beforeEach(async () => {
  dir = tempDir();
  connections = 0;
  proxy = new OwnerProxy();
  owner = createServer((_request, response) => response.end('answer'));
  owner.on('connection', () => connections++);
  await once(owner.listen(join(dir.path, 'w.sock')), 'listening');
  front = createServer((request, response) => {
    const call = { body: undefined, principal: ANONYMOUS, requestId: 'r', ownerGone: new AbortController().signal };
    const to = { socketPath: join(dir.path, 'w.sock') };
    const isOnce = request.url === '/once';
    void proxy.send({ ...call, request, response, to, isOnce }).then((end) => {
      if (end !== 'done') response.writeHead(503).end(end);
    });
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  proxy.close();
  for (const server of [front, owner]) server.close();
  await dir[Symbol.asyncDispose]();
});

const ask = async (path: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${(front.address() as AddressInfo).port}${path}`)).text();

test('proxy: what may be sent again shares connections, what may not has its own', async () => {
  for (const path of ['/', '/', '/']) expect(await ask(path)).toBe('answer');
  expect(connections).toBe(1);
  for (const path of ['/once', '/once']) expect(await ask(path)).toBe('answer');
  expect(connections).toBe(3);
});

test('proxy: after the owner has ended, what must not be sent twice is known not to have left', async () => {
  expect(await ask('/')).toBe('answer');
  owner.closeAllConnections();
  await new Promise((resolve) => owner.close(resolve));
  expect(await ask('/once')).toBe('unreachable');
});

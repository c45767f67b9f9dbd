import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { claimPort, keepFreePort } from '../../../src/primary/port-check.ts';
import { eventually } from '../../support/eventually.ts';

async function holding<T>(host: string, use: (port: number) => Promise<T>): Promise<T> {
  const server: Server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  try {
    return await use(port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test('port check: port 0 gives a free one, which is free again afterwards', async () => {
  const port = await claimPort('localhost', 0, 'server.port');
  expect(port).toBeGreaterThan(0);
  expect(await claimPort('localhost', port, 'server.port')).toBe(port);
});

/** Connections from a port of 127.0.0.1, as /proc tells them. */
const connectionsFrom = (port: number) => {
  const from = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const [LOCAL, STATE, ESTABLISHED] = [1, 3, '01'];
  const fields = rows.map((row) => row.trim().split(/\s+/));
  return fields.filter((each) => each[LOCAL] === from && each[STATE] === ESTABLISHED).length;
};

test.each(['127.0.0.1', 'localhost', '0.0.0.0'])(
  'port check: a free port of %s stays in use until it is released, and can be listened on',
  async (host) => {
    const free = await keepFreePort(host, 'server.port');
    expect(connectionsFrom(free.port)).toBe(1);
    for (let round = 0; round < 2; round += 1) expect(await claimPort(host, free.port, 'server.port')).toBe(free.port);
    free.release();
    await eventually(() => connectionsFrom(free.port) === 0, { what: 'it is let go' });
    expect(await claimPort(host, free.port, 'server.port')).toBe(free.port);
  },
);

test('port check: a taken port is named with its key', async () => {
  await holding('127.0.0.1', async (port) => {
    await expect(claimPort('localhost', port, 'server.port')).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      details: { host: 'localhost', port, key: 'server.port' },
    });
  });
});

test('port check: an address of another machine is not a taken port', async () => {
  await expect(claimPort('192.0.2.1', 0, 'server.port')).rejects.toMatchObject({ code: 'PORT_FORBIDDEN' });
});

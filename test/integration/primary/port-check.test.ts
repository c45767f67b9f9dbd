import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { claimPort } from '../../../src/primary/port-check.ts';

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

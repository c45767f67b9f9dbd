/** Servers of Snowflake's protocol for the tests of one file. */
import { afterEach } from 'vitest';
import { startWire, type WireScript, type WireServer } from './wire-server.ts';

/** What a test of the driver opens; all of it is closed after each test, the last first. */
export function wireCleanups(): { add(clean: () => unknown): void; wire(script: WireScript): Promise<WireServer> } {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });
  return {
    add: (clean) => void cleanups.push(clean),
    wire: async (script) => {
      const server = await startWire(script);
      cleanups.push(() => server.close());
      return server;
    },
  };
}

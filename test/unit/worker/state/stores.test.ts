/** The stores of a worker while their directory cannot be used. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import type { Log } from '../../../../src/shared/log.ts';
import { openStores } from '../../../../src/worker/state/stores.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('stores: one that cannot be opened at the start is used as soon as it can be, and both are logged', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  await using dir = tempDir();
  const directory = join(dir.path, 'state');
  writeFileSync(directory, 'in the way');
  const events: string[] = [];
  const line = (event: string) => void events.push(event);
  const log = { info: line, warn: line, error: line, debug: line } as unknown as Log;
  const stores = await openStores({ state: configSchema.parse({}).state, directory, log });
  const store = stores.open<string>('handles', 60_000);
  await expect(store.create('a', 'one')).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
  rmSync(directory);
  mkdirSync(directory, { mode: 0o700 });
  await vi.advanceTimersByTimeAsync(10_000);
  await expect.poll(() => events).toEqual(['store.failed', 'store.recovered']);
  expect(await store.create('a', 'one')).toBe(true);
  await store.close();
  await stores.close();
});

/** The stores of a worker while their directory cannot be used. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import type { Log } from '../../../../src/shared/log.ts';
import { openStores } from '../../../../src/worker/state/stores.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('stores: one that cannot be opened at the start is opened by its use, but tried once in ten seconds only', async () => {
  await using dir = tempDir();
  const directory = join(dir.path, 'state');
  writeFileSync(directory, 'in the way');
  let time = 0;
  const stores = await openStores({
    state: configSchema.parse({}).state,
    directory,
    clock: { now: () => time, wall: () => new Date(time) },
    log: {} as Log,
  });
  const store = stores.open<string>('handles', 60_000);
  const away = () => expect(store.create('a', 'one')).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
  await away();
  rmSync(directory);
  mkdirSync(directory, { mode: 0o700 });
  time = 9_999;
  await away();
  time = 10_000;
  expect(await store.create('a', 'one')).toBe(true);
  await store.close();
  await away();
  await stores.close();
});

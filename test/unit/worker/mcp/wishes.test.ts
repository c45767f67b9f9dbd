/** What a client wants to hear: granted once it is written down, within bounds. */
import { expect, test } from 'vitest';
import { Wishes } from '../../../../src/worker/mcp/era-2025/wishes.ts';
import type { SessionWishes } from '../../../../src/worker/session/record.ts';

function withStore(kept?: SessionWishes) {
  const saved: SessionWishes[] = [];
  const home = {
    save: async (wishes: SessionWishes) => void saved.push(wishes),
    isListening: () => true,
  };
  return { wishes: new Wishes(home, kept), saved, home };
}

test('wishes: nothing is heard before the client names a level, then that and what is worse', async () => {
  const { wishes, saved } = withStore();
  expect(wishes.hears('emergency')).toBe(false);
  await wishes.setLogLevel('warning');
  expect([wishes.hears('info'), wishes.hears('warning'), wishes.hears('error')]).toEqual([false, true, true]);
  expect(saved).toEqual([{ logLevel: 'warning' }]);
});

test('wishes: two at once are both kept', async () => {
  const { wishes, saved } = withStore({ logLevel: 'info' });
  await Promise.all([wishes.subscribe('snowflake://A/B/C', 5), wishes.subscribe('snowflake://A/B/D', 5)]);
  expect(saved.at(-1)).toEqual({ logLevel: 'info', subscriptions: ['snowflake://A/B/C', 'snowflake://A/B/D'] });
  await wishes.unsubscribe('snowflake://A/B/C');
  expect(wishes.subscriptions()).toEqual(['snowflake://A/B/D']);
});

test('wishes: a resource is known under the name the client gave it', async () => {
  const { wishes } = withStore({ subscriptions: ['snowflake://db/public/orders'] });
  expect(wishes.namesOf('snowflake://DB/PUBLIC/ORDERS')).toEqual(['snowflake://db/public/orders']);
  expect(wishes.namesOf('snowflake://DB/PUBLIC/OTHERS')).toEqual([]);
});

test('wishes: one subscription too many and addresses too long are refused, and leave what was there', async () => {
  const { wishes } = withStore({ subscriptions: ['snowflake://A/B/C'] });
  await expect(wishes.subscribe('snowflake://A/B/D', 1)).rejects.toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS' });
  const long = `snowflake://A/B/${'X'.repeat(9000)}`;
  await expect(wishes.subscribe(long, 9)).rejects.toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS' });
  await wishes.subscribe('snowflake://A/B/C', 1);
  expect(wishes.subscriptions()).toEqual(['snowflake://A/B/C']);
});

test('wishes: what could not be written down is not granted', async () => {
  const fails = { save: () => Promise.reject(new Error('full')), isListening: () => true };
  const wishes = new Wishes(fails);
  await expect(wishes.setLogLevel('debug')).rejects.toThrow('full');
  expect(wishes.hears('emergency')).toBe(false);
});

import { expect, test } from 'vitest';
import { type Config, configSchema } from '../../../../src/shared/config/schema.ts';
import { identityOf } from '../../../../src/worker/pool/pools.ts';

test('identity: a named login takes nothing of the configured one but account and place', () => {
  const base = { account: 'a', password: 'p', connection_name: 'c', role: 'R', warehouse: 'W', database: 'D' };
  const identities = { reporting: { user: 'rep', authenticator: 'auto', private_key_path: '/k' } };
  const configured = { ...base, identities } as unknown as Config['snowflake'];
  const { key, snowflake } = identityOf(configured, { identity: 'reporting' });
  expect(key).toBe('identity reporting role ');
  expect(snowflake).toMatchObject({ account: 'a', user: 'rep', private_key_path: '/k', warehouse: 'W', database: 'D' });
  expect([snowflake.password, snowflake.connection_name, snowflake.role]).toEqual([undefined, undefined, undefined]);
  expect(identityOf(configured, { identity: 'reporting', role: 'X' }).snowflake.role).toBe('X');
  for (const identity of ['nobody', '__proto__', 'constructor']) {
    expect(() => identityOf(configured, { identity })).toThrow(expect.objectContaining({ code: 'IDENTITY_UNKNOWN' }));
  }
});

test('identities: the configuration refuses what no login has, relative files and odd names', () => {
  const isRight = (identities: object) => configSchema.safeParse({ snowflake: { identities } }).success;
  expect(isRight({ 'reporting-1': { user: 'r', password_file: '/run/secrets/p' } })).toBe(true);
  const wrong = [{ r: { usr: 'x' } }, { r: { password_file: 'p' } }, { 'a b': {} }, { r: { authenticator: 'MAGIC' } }];
  expect(wrong.map(isRight)).toEqual(wrong.map(() => false));
});

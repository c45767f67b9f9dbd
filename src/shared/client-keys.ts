/**
 * Keys of clients: how they are made, kept and recognised; pure, the time is passed in.
 *
 * A key reads `smcp_ID_SECRET`; the secret is 256 random bits, so one SHA-256 of the whole is all that is kept. The
 * prefix lets scanners of source code find a key that leaked, the id finds its record without a search.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from './errors.ts';
import { type Principal, privilegesShape, SCOPES } from './principal.ts';

const PREFIX = 'smcp';
const WRITTEN = /^smcp_([a-z0-9]{10})_[\w-]{43}$/;
export const KEY_NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
export const MAX_KEYS = 1000;

const moment = z.iso.datetime();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const keySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{10}$/),
  name: z.string().regex(KEY_NAME),
  hash,
  /** The secret before the last rotation, good until then. */
  previous: z.strictObject({ hash, until: moment }).optional(),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  created: moment,
  expires: moment.optional(),
  revoked: moment.optional(),
  rotated: moment.optional(),
  ...privilegesShape,
});

export const keysSchema = z.strictObject({ version: z.literal(1), keys: z.array(keySchema).max(MAX_KEYS) });

export type ClientKey = z.output<typeof keySchema>;
export type KeyState = 'active' | 'expired' | 'revoked';
/** What the maker of a key decides. */
export type KeyWishes = Pick<ClientKey, 'name' | 'scopes' | 'expires' | 'role' | 'identity' | 'limits'>;

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

function newSecret(id: string): { readonly secret: string; readonly hash: string } {
  const secret = `${PREFIX}_${id}_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashOf(secret) };
}

export function stateOf(key: ClientKey, now: Date): KeyState {
  if (key.revoked !== undefined) return 'revoked';
  return key.expires !== undefined && Date.parse(key.expires) <= now.getTime() ? 'expired' : 'active';
}

/**
 * The keys with a new one, and its secret, which is known only now.
 * @throws AppError KEY_REFUSED when the name is taken by a key that is not revoked, or there are too many
 */
export function addKey(keys: readonly ClientKey[], wishes: KeyWishes, now: Date) {
  const { name } = wishes;
  if (keys.some((key) => key.name === name && key.revoked === undefined)) {
    throw new AppError('KEY_REFUSED', { reason: `there is a key of the name ${name} already` });
  }
  if (keys.length >= MAX_KEYS) {
    throw new AppError('KEY_REFUSED', {
      reason: `there are ${MAX_KEYS} keys; \`keys revoke --forget\` removes old ones`,
    });
  }
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const id = [...randomBytes(10)].map((byte) => alphabet[byte % alphabet.length]).join('');
  const { secret, hash } = newSecret(id);
  const key: ClientKey = { ...wishes, id, hash, created: now.toISOString() };
  return { keys: [...keys, key], key, secret };
}

/** The key of that id or name; of several of one name the one that is not revoked. @throws AppError KEY_UNKNOWN */
export function pickKey(keys: readonly ClientKey[], wanted: string): ClientKey {
  const named = keys.filter((key) => key.id === wanted || key.name === wanted);
  const found = named.find((key) => key.revoked === undefined) ?? named.at(-1);
  if (found === undefined) throw new AppError('KEY_UNKNOWN', { key: wanted.slice(0, 64) });
  return found;
}

const replaced = (keys: readonly ClientKey[], next: ClientKey) => keys.map((key) => (key.id === next.id ? next : key));

/** The key stays listed as revoked. @throws AppError KEY_UNKNOWN */
export function revokeKey(keys: readonly ClientKey[], wanted: string, now: Date) {
  const { previous: _previous, ...found } = pickKey(keys, wanted);
  const key: ClientKey = { ...found, revoked: found.revoked ?? now.toISOString() };
  return { keys: replaced(keys, key), key };
}

/**
 * A new secret for the same principal; the old one stays good for `overlapMs`. Without `expires` a key that ends gets the
 * time to live it had.
 * @throws AppError KEY_UNKNOWN, KEY_REFUSED for one that is revoked
 */
export function rotateKey(
  keys: readonly ClientKey[],
  wanted: string,
  change: { overlapMs: number; expires?: string | undefined },
  now: Date,
) {
  const { previous: _previous, ...found } = pickKey(keys, wanted);
  if (found.revoked !== undefined) throw new AppError('KEY_REFUSED', { reason: `the key ${found.name} is revoked` });
  const { secret, hash } = newSecret(found.id);
  const lifeMs = Date.parse(found.expires ?? '') - Date.parse(found.rotated ?? found.created);
  const renewed = Number.isNaN(lifeMs) ? undefined : new Date(now.getTime() + lifeMs).toISOString();
  const expires = change.expires ?? renewed;
  const until = new Date(now.getTime() + change.overlapMs).toISOString();
  const key: ClientKey = {
    ...found,
    hash,
    ...(change.overlapMs > 0 ? { previous: { hash: found.hash, until } } : {}),
    rotated: now.toISOString(),
    ...(expires === undefined ? {} : { expires }),
  };
  return { keys: replaced(keys, key), key, secret };
}

/** Under this name sessions, limits and logs know the holder; another key of the same name is another principal. */
export function principalOf(key: ClientKey): Principal {
  return {
    id: `key:${key.name}.${key.id}`,
    scopes: key.scopes,
    ...(key.expires === undefined ? {} : { expiresAtMs: Date.parse(key.expires) }),
    ...(key.role === undefined ? {} : { role: key.role }),
    ...(key.identity === undefined ? {} : { identity: key.identity }),
    ...(key.limits === undefined ? {} : { limits: key.limits }),
  };
}

/** The id of the key that a principal has; undefined for one that has another kind of credentials. */
export const keyIdOf = (principalId: string): string | undefined => /^key:.+\.([a-z0-9]{10})$/.exec(principalId)?.[1];

/** True for texts of the form of such a key, whether there is one or not. */
export const looksLikeKey = (text: string): boolean => WRITTEN.test(text);

const NOBODY = '0'.repeat(64);

/** The record of the key with that text, whatever its state; the time it takes tells nothing about a wrong one. */
export function findKey(keys: ReadonlyMap<string, ClientKey>, text: string, now: Date): ClientKey | undefined {
  const key = keys.get(WRITTEN.exec(text)?.[1] ?? '');
  const given = Buffer.from(hashOf(text), 'hex');
  const same = (kept: string) => timingSafeEqual(Buffer.from(kept, 'hex'), given);
  const isCurrent = same(key?.hash ?? NOBODY);
  const isPrevious = same(key?.previous?.hash ?? NOBODY);
  if (isCurrent) return key;
  return isPrevious && Date.parse(key?.previous?.until ?? '') > now.getTime() ? key : undefined;
}

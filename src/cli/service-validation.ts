/**
 * A service tried from end to end, as a client sees it: the official SDK over the real port calls every read tool.
 *
 * Where clients need a key, one is made for this alone, and is taken off the list again.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isClientAuthOn } from '../shared/client-auth.ts';
import { addKey, revokeKey } from '../shared/client-keys.ts';
import type { Config } from '../shared/config/schema.ts';
import type { DaemonStatus } from '../shared/control-api.ts';
import { AppError } from '../shared/errors.ts';
import { changeKeys } from '../shared/keys-file.ts';
import { linkToService, type McpLink } from './mcp-link.ts';
import { type Known, VALIDATION_STEPS } from './validation-plan.ts';

export interface ToolTrial {
  readonly tool: string;
  readonly result: 'ok' | 'failed' | 'skipped';
  readonly ms: number;
  /** Of a failure or of why it was left out. */
  readonly reason: string | null;
}

export interface Validation {
  readonly url: string;
  readonly connectMs: number;
  readonly trials: readonly ToolTrial[];
}

export interface ValidationTarget {
  readonly status: DaemonStatus;
  readonly config: Pick<Config, 'server' | 'auth'>;
  readonly keysFile: string;
  /** Of a client; without it one is made where clients need one. */
  readonly key: string | undefined;
}

/** @throws AppError MAINTENANCE, SERVICE_REFUSED when not even a session can be had */
export async function validateService(target: ValidationTarget): Promise<Validation> {
  const { status, config } = target;
  if (status.maintenanceSince !== undefined) throw new AppError('MAINTENANCE', {});
  const borrowed = await borrowKey(target);
  try {
    const certificate = config.server.tls_cert;
    const isTls = status.url.startsWith('https:') && certificate !== undefined;
    const door = isTls ? { ca: readFileSync(certificate, 'utf8') } : undefined;
    const startedAt = performance.now();
    const link = await reach(status.url, { door, key: borrowed.key }, borrowed.isNew);
    const connectMs = Math.round(performance.now() - startedAt);
    try {
      return { url: status.url, connectMs, trials: await tryTools(link) };
    } finally {
      await link.close();
    }
  } finally {
    await borrowed.giveBack();
  }
}

interface Borrowed {
  readonly key: string | undefined;
  readonly isNew: boolean;
  giveBack(): Promise<unknown>;
}

const KEY_MS = 15 * 60_000;

async function borrowKey({ key, config, keysFile }: ValidationTarget): Promise<Borrowed> {
  const given = (known: string | undefined): Borrowed => ({ key: known, isNew: false, giveBack: async () => {} });
  if (key !== undefined || !isClientAuthOn(config, keysFile)) return given(key);
  const [configured] = config.auth.api_keys;
  // A file of keys that was not there before would stay in force.
  if (!existsSync(keysFile)) return given(configured);
  const name = `validate-${randomBytes(4).toString('hex')}`;
  const now = new Date();
  const wishes = { name, scopes: ['read' as const], expires: new Date(now.getTime() + KEY_MS).toISOString() };
  const { secret } = await changeKeys(keysFile, (keys) => addKey(keys, wishes, now));
  const giveBack = () =>
    changeKeys(keysFile, (keys) => {
      const revoked = revokeKey(keys, name, new Date());
      return { ...revoked, keys: revoked.keys.filter(({ id }) => id !== revoked.key.id) };
    });
  return { key: secret, isNew: true, giveBack };
}

const KEY_KNOWN_MS = 5000;
const TRY_EVERY_MS = 100;

/** Workers read a new key within moments, not at once. */
async function reach(url: string, how: Parameters<typeof linkToService>[1], isNewKey: boolean): Promise<McpLink> {
  const end = performance.now() + (isNewKey ? KEY_KNOWN_MS : 0);
  for (;;) {
    try {
      return await linkToService(url, how);
    } catch (error) {
      if (performance.now() >= end) throw new AppError('SERVICE_REFUSED', { url, reason: reasonOf(error) });
      await pause(TRY_EVERY_MS);
    }
  }
}

/** The words of our own answer when there is one in what the SDK says. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.slice(0, 300);
}

async function tryTools(link: McpLink): Promise<ToolTrial[]> {
  const offered = new Set((await link.tools()).map(({ name }) => name));
  const trials: ToolTrial[] = [];
  let known: Known = {};
  for (const { tool, args, learn } of VALIDATION_STEPS) {
    const given = args(known);
    const why = offered.has(tool) ? given : 'it is not offered';
    if (typeof why === 'string') {
      trials.push({ tool, result: 'skipped', ms: 0, reason: why });
      continue;
    }
    const startedAt = performance.now();
    const msNow = () => Math.round(performance.now() - startedAt);
    try {
      const result = await link.call(tool, why);
      trials.push({ tool, result: 'ok', ms: msNow(), reason: null });
      known = learn?.(known, result) ?? known;
    } catch (error) {
      trials.push({ tool, result: 'failed', ms: msNow(), reason: reasonOf(error) });
    }
  }
  return trials;
}

/**
 * The door to the issuer of OAuth tokens: its signing keys, found by discovery (RFC 8414, OpenID Connect) or at the
 * configured address, fetched when first needed, when a token names an unknown key, and from time to time.
 *
 * While the issuer is down the keys that are known go on. Every answer is bounded in time and size, redirects are not
 * followed, and a failed fetch is not tried again at once, however many tokens ask for it.
 */
import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import { isLoopback } from '../../shared/host-rule.ts';
import type { Log } from '../../shared/log.ts';

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Undefined: the issuer's metadata tell. */
  readonly jwksUrl: string | undefined;
  readonly timeoutMs: number;
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

const MAX_BYTES = 512 * 1024;
/** After a failed or a successful fetch, before an unknown key makes another. */
const COOLDOWN_MS = 5000;

/** What jose finds wrong with a token while it looks for its key. */
const OF_THE_TOKEN: ReadonlySet<unknown> = new Set([
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_NOT_SUPPORTED',
]);

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.string().max(2000) });

export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** The key of a token. @throws AppError ISSUER_UNREACHABLE, and what jose throws for a key that is not there */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#opened();
    try {
      return await keys(header, token);
    } catch (error) {
      throw this.#asFault(error);
    }
  };

  start(): void {
    const refresh = async () => {
      const keys = await this.#keys;
      await keys?.reload();
    };
    this.#timer = setInterval(() => {
      refresh().catch((error: unknown) => {
        this.#options.log.warn(
          'oauth.keys_stale',
          'the keys of the token issuer cannot be fetched; the known ones go on',
          {
            error,
          },
        );
      });
    }, this.#options.refreshMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #opened() {
    this.#keys ??= this.#open().catch((error: unknown) => {
      this.#keys = undefined;
      throw this.#asFault(error);
    });
    return this.#keys;
  }

  async #open() {
    const url = this.#options.jwksUrl ?? (await this.#discover());
    return createRemoteJWKSet(new URL(url), {
      timeoutDuration: this.#options.timeoutMs,
      cooldownDuration: COOLDOWN_MS,
      // Known keys never go stale by themselves: `start` refreshes them.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: this.#fetch,
    });
  }

  async #discover(): Promise<string> {
    const { issuer, timeoutMs } = this.#options;
    let reason = 'its metadata were not found';
    for (const url of metadataUrls(issuer)) {
      const answer = await this.#fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers: new Headers() });
      if (answer.status !== 200) continue;
      const metadata = metadataSchema.safeParse(await answer.json().catch(() => undefined));
      if (!metadata.success) reason = 'its metadata name no keys';
      else if (metadata.data.issuer !== issuer) reason = 'its metadata are those of another issuer';
      else if (!isSafeAddress(metadata.data.jwks_uri)) reason = 'its metadata give an address that is not https';
      else return metadata.data.jwks_uri;
    }
    this.#failedAt = this.#options.clock.now();
    throw new AppError('ISSUER_UNREACHABLE', { reason });
  }

  readonly #fetch = async (url: string, init: Partial<Parameters<FetchImplementation>[1]>): Promise<Response> => {
    const { clock } = this.#options;
    if (clock.now() - this.#failedAt < COOLDOWN_MS) {
      throw new AppError('ISSUER_UNREACHABLE', { reason: 'it did not answer a moment ago' });
    }
    try {
      const response = await fetch(url, { ...init, redirect: 'manual' });
      if (response.status >= 500) throw new Error(`it answered ${response.status}`);
      return new Response(response.status === 200 ? await bounded(response) : null, { status: response.status });
    } catch (error) {
      this.#failedAt = clock.now();
      throw error;
    }
  };

  /** What jose says about a token passes; everything else is the issuer's fault, and it is left alone for a while. */
  #asFault(error: unknown): unknown {
    if (error instanceof AppError) return error;
    // Of a DOMException, which is how a time-out comes, it is a number.
    const { code, message } = error as { code?: unknown; message?: string };
    if (OF_THE_TOKEN.has(code)) return error;
    this.#failedAt = this.#options.clock.now();
    return new AppError('ISSUER_UNREACHABLE', { reason: message ?? 'unknown' }, { cause: error });
  }
}

/** Of RFC 8414, then of OpenID Connect Discovery. */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return path === '' ? urls : [...urls, `${origin}/.well-known/openid-configuration${path}`];
}

/** Keys come over https, or from this machine. */
function isSafeAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

async function bounded(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += (part as Uint8Array).length;
    if (bytes > MAX_BYTES) throw new Error(`it answered more than ${MAX_BYTES} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts);
}

/**
 * Certificate and key of the service port: read at the start, and again when a file changes.
 *
 * New connections get the new certificate at once; those that are open keep theirs. Files that do not fit together (as in
 * the middle of a renewal) or cannot be read leave the old ones in use, with one line in the log for each state they are in.
 */
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';

export const TLS_MIN = 'TLSv1.2';

/** In the words of node:tls. */
export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TlsFiles {
  current(): TlsPair;
  /** Returns the way to stop. */
  onChange(listener: (pair: TlsPair) => void): () => void;
  /** Below 0 when it has expired. */
  expiresInSeconds(): number;
  /** Looks at the files now. */
  look(): Promise<void>;
  close(): void;
}

const LOOK_EVERY_MS = 2000;

async function stampOf(paths: readonly string[]): Promise<string> {
  const stats = await Promise.all(paths.map((path) => stat(path).catch((error: NodeJS.ErrnoException) => error.code)));
  return JSON.stringify(stats.map((one) => (typeof one === 'object' ? [one.mtimeMs, one.size, one.ino] : one)));
}

async function read(certPath: string, keyPath: string): Promise<{ pair: TlsPair; validTo: number }> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath), readFile(keyPath)]);
    createSecureContext({ cert, key, minVersion: TLS_MIN });
    return { pair: { cert, key }, validTo: Date.parse(new X509Certificate(cert).validTo) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('TLS_UNUSABLE', { cert: certPath, key: keyPath, reason }, { cause: error });
  }
}

/**
 * Undefined when no certificate is configured.
 * @throws AppError TLS_UNUSABLE
 */
export async function openTlsFiles(
  settings: Pick<Config['server'], 'tls_cert' | 'tls_key'>,
  parts: { readonly log: Log; readonly recorder: Pick<Recorder, 'count'>; readonly clock: Clock },
): Promise<TlsFiles | undefined> {
  const { tls_cert: certPath, tls_key: keyPath } = settings;
  if (certPath === undefined || keyPath === undefined) return undefined;
  const { log, recorder, clock } = parts;
  const listeners = new Set<(pair: TlsPair) => void>();
  let seen = await stampOf([certPath, keyPath]);
  let now = await read(certPath, keyPath);
  const expiresInSeconds = () => Math.floor((now.validTo - clock.wall().getTime()) / 1000);
  if (expiresInSeconds() <= 0) log.warn('tls.expired', 'the certificate has expired', { file: certPath });

  const look = async () => {
    const stamp = await stampOf([certPath, keyPath]);
    if (stamp === seen) return;
    seen = stamp;
    try {
      now = await read(certPath, keyPath);
    } catch (error) {
      recorder.count('mcp_errors_total', { error_type: 'TLS_UNUSABLE', component: 'tls' });
      log.error('tls.unusable', 'the new certificate is not used, the old one stays', { error });
      return;
    }
    for (const listener of listeners) listener(now.pair);
    log.info('tls.renewed', 'a new certificate is in use', { expires_in_seconds: expiresInSeconds() });
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return {
    current: () => now.pair,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    expiresInSeconds,
    look,
    close: () => clearInterval(timer),
  };
}

/** Whether clients have to say who they are, and that nobody else is let in from other machines. */
import type { Config } from './config/schema.ts';
import { AppError } from './errors.ts';
import { isLoopback } from './host-rule.ts';
import { readKeys } from './keys-file.ts';

/** @throws AppError KEYS_UNUSABLE for a file of keys that is there and cannot be used */
export function isClientAuthOn({ auth }: Pick<Config, 'auth'>, keysFile: string): boolean {
  const hasFile = readKeys(keysFile) !== undefined;
  return hasFile || auth.api_keys.length > 0 || auth.oauth_issuer !== undefined;
}

/** @throws AppError PUBLIC_WITHOUT_AUTH when others could reach the service without a key, KEYS_UNUSABLE */
export function requireSafeBind(config: Pick<Config, 'server' | 'auth'>, keysFile: string): void {
  const { host } = config.server;
  const isOn = isClientAuthOn(config, keysFile);
  if (!isOn && !isLoopback(host)) throw new AppError('PUBLIC_WITHOUT_AUTH', { host });
}

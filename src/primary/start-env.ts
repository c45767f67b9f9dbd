/**
 * The environment without what it has from `.env`: systemd (EnvironmentFile=) and compose (env_file) hand the file over
 * as variables, which would win for ever over the file itself, so that a reload would never see what was changed there.
 */
import { join } from 'node:path';
import { readEnvFile, type Variables } from '../shared/config/env-file.ts';

/** @param cwd where `.env` is looked up; a variable with another value than in the file was set by somebody and stays */
export function withoutEnvFile(env: Variables, cwd: string): Variables {
  const file = readQuietly(join(cwd, '.env'));
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => file[name] !== value));
}

/** A file that cannot be read is told when the configuration is loaded. */
function readQuietly(path: string): Variables {
  try {
    return readEnvFile(path)?.variables ?? {};
  } catch {
    return {};
  }
}

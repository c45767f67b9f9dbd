/**
 * The configuration as a daemon may use it: loaded, and with what must hold before anything starts.
 *
 * The command that starts a daemon does this and hands the result over; for each reload a short program does it again.
 * Loading takes the schema and the YAML parser with their memory: the daemon is spared both.
 */
import { requireSafeBind } from '../client-auth.ts';
import { daemonPaths } from '../paths.ts';
import { requireCredentials } from './credentials.ts';
import { configLeaves } from './leaves.ts';
import { type LoadedConfig, loadConfig } from './load.ts';

/** @throws AppError CONFIG_*, CREDENTIALS_MISSING, PRIVATE_KEY_INVALID, PUBLIC_WITHOUT_AUTH, KEYS_UNUSABLE */
export function loadChecked(...[spec, env]: Parameters<typeof loadConfig>): LoadedConfig {
  const loaded = loadConfig(spec, env);
  const { config } = loaded;
  requireSafeBind(config, daemonPaths(config, config.server.working_dir ?? spec.cwd, env).keysFile);
  if (!spec.demo) requireCredentials(config);
  return loaded;
}

/** Environment variables that set a key, of all keys: what a worker, which gets its configuration by message, must not see. */
export function configVariables(): string[] {
  return configLeaves().flatMap((leaf) => leaf.meta.env ?? []);
}

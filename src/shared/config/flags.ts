/** Flags of `start` that set a key of the configuration; the command line offers them and faults name them. */
export const FLAG_KEYS = {
  host: 'server.host',
  port: 'server.port',
  workers: 'workers.count',
  'metrics-port': 'metrics.port',
  'pid-file': 'server.pid_file',
  'log-file': 'logging.file',
  'working-dir': 'server.working_dir',
} as const;

/** The flag that sets `key`, as a person writes it. */
export function flagOf(key: string): string {
  const found = Object.entries(FLAG_KEYS).find(([, target]) => target === key);
  return found === undefined ? `flag for ${key}` : `--${found[0]}`;
}

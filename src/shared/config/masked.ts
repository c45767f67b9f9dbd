/** A loaded configuration that may be shown. */
import { configLeaves } from './leaves.ts';
import type { Config } from './schema.ts';

const MASK = '***';

/** The configuration with every secret that is set replaced by a mask. */
export function maskedConfig(config: Config): Record<string, Record<string, unknown>> {
  const masked: Record<string, Record<string, unknown>> = {};
  for (const leaf of configLeaves()) {
    const section = masked[leaf.section] ?? {};
    const value = (config[leaf.section] as Record<string, unknown>)[leaf.name];
    const isSet = value !== undefined && !(Array.isArray(value) && value.length === 0);
    section[leaf.name] = leaf.meta.secret && isSet ? MASK : value;
    masked[leaf.section] = section;
  }
  return masked;
}

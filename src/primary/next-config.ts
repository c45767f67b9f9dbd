/**
 * The configuration a reload boots new workers with: what may change in a running daemon is new, the rest stays.
 */
import { deepFreeze } from '../shared/config/freeze.ts';
import { configLeaves } from '../shared/config/leaves.ts';
import { type Config, configSchema } from '../shared/config/schema.ts';

/** @returns the configuration, and the keys whose new value needs a restart */
export function nextConfig(running: Config, loaded: Config): { config: Config; notApplied: string[] } {
  const config = structuredClone(loaded);
  const standard: Record<string, unknown> = configSchema.parse({});
  const notApplied: string[] = [];
  for (const { key, section, name, meta } of configLeaves()) {
    if (meta.applies !== 'restart') continue;
    const target = config[section] as Record<string, unknown>;
    const kept = given(running, section, name);
    // What the running version does not know yet, as this one would start with it.
    if (kept === undefined && given(standard, section, name) !== undefined) continue;
    if (JSON.stringify(target[name]) !== JSON.stringify(kept)) notApplied.push(key);
    target[name] = kept;
  }
  return { config: deepFreeze(config), notApplied };
}

/** @param config of a version that may lack the section */
function given(config: object, section: string, name: string): unknown {
  return (config as Record<string, Record<string, unknown> | undefined>)[section]?.[name];
}

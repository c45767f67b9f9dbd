/**
 * The configuration a reload boots new workers with: what may change in a running daemon is new, the rest stays.
 */
import { deepFreeze } from '../shared/config/freeze.ts';
import { configLeaves } from '../shared/config/leaves.ts';
import type { Config } from '../shared/config/schema.ts';

/** @returns the configuration, and the keys whose new value needs a restart */
export function nextConfig(running: Config, loaded: Config): { config: Config; notApplied: string[] } {
  const config = structuredClone(loaded);
  const notApplied: string[] = [];
  for (const { key, section, name, meta } of configLeaves()) {
    if (meta.applies !== 'restart') continue;
    const target = config[section] as Record<string, unknown>;
    const kept = (running[section] as Record<string, unknown>)[name];
    if (JSON.stringify(target[name]) !== JSON.stringify(kept)) notApplied.push(key);
    target[name] = kept;
  }
  return { config: deepFreeze(config), notApplied };
}

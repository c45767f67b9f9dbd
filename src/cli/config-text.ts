/** A loaded configuration for people: every key, where it was set, no secret. */
import { stringify } from 'yaml';
import { configLeaves } from '../shared/config/leaves.ts';
import { maskedConfig } from '../shared/config/masked.ts';
import type { Config } from '../shared/config/schema.ts';
import { formatDuration, formatSize } from '../shared/units.ts';

/** As YAML, with the place of each value that is no default. */
export function shownConfig(config: Config, places: ReadonlyMap<string, string>): string {
  const masked = maskedConfig(config);
  const lines: string[] = [];
  let section = '';
  for (const leaf of configLeaves()) {
    if (leaf.section !== section) lines.push(`${leaf.section}:`);
    section = leaf.section;
    const value = masked[leaf.section]?.[leaf.name];
    const place = places.get(leaf.key);
    const comment = place === undefined ? '' : `  # ${place}`;
    if (value === undefined) lines.push(`  # ${leaf.name}:`);
    else lines.push(`  ${leaf.name}: ${written(value, leaf.meta.unit)}${comment}`);
  }
  return `${lines.join('\n')}\n`;
}

function written(value: unknown, unit: string): string {
  if (unit === 'duration') return exact(Number(value), formatDuration(Number(value)).replaceAll(' ', ''), 'ms');
  if (unit === 'size') return exact(Number(value), formatSize(Number(value)), 'B');
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** The short form when it is one number and a unit, which can be read back, else the exact number. */
function exact(value: number, short: string, unit: string): string {
  return /^\d+[a-zA-Z]+$/.test(short) ? short : `${value}${unit}`;
}

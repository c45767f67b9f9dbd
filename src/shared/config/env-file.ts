/**
 * Environment variables and `.env`: names to keys, old names and old forms of values.
 *
 * A variable that is set but empty counts as not set, as compose files write it. Old numeric names carry their unit in
 * the name (`..._MINUTES`), so a bare number there is read in that unit.
 */
import { existsSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { readBounded } from './bounded-file.ts';
import { emptyLayer, type Layer } from './layer.ts';
import type { Leaf } from './leaves.ts';
import { looksLikePath } from './private-key.ts';
import { UNUSED_NAMES } from './unused-names.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface EnvFile {
  readonly file: string;
  readonly variables: Variables;
  /** Line of a variable. */
  lineOf(name: string): number | undefined;
  /** True when an unquoted value was cut at a `#` that has no space before it. */
  isCutAtHash(name: string): boolean;
}

/** Undefined when there is no such file. @throws AppError CONFIG_UNREADABLE */
export function readEnvFile(file: string): EnvFile | undefined {
  if (!existsSync(file)) return undefined;
  const text = readBounded(file).replace(/^\uFEFF/, '');
  const lines = text.split(/\r?\n/);
  const indexOf = (name: string) =>
    lines.findLastIndex(
      (line) =>
        line
          .trimStart()
          .replace(/^export\s+/, '')
          .split('=')[0]
          ?.trimEnd() === name,
    );
  return {
    file,
    variables: parseEnv(text),
    lineOf: (name) => (indexOf(name) === -1 ? undefined : indexOf(name) + 1),
    isCutAtHash: (name) => /^[^=]*=\s*[^\s'"`#][^'"`\s]*#/.test(lines[indexOf(name)] ?? ''),
  };
}

/** The layer of one set of variables; `placeOf` tells where a variable stands. */
export function variablesLayer(
  name: string,
  variables: Variables,
  leaves: readonly Leaf[],
  placeOf: (variable: string) => string,
): Layer {
  const layer = emptyLayer(name);
  for (const leaf of leaves) {
    const [ours, ...old] = leaf.meta.env ?? [];
    const [used, ...ignored] = [...(ours === undefined ? [] : [ours]), ...old].filter((variable) =>
      isSet(variables[variable]),
    );
    if (used === undefined) continue;
    if (used !== ours) layer.warnings.push(`${used} is an old name: use ${ours} (${leaf.key})`);
    for (const other of ignored) layer.warnings.push(`${other} is ignored: ${used} is set and means the same`);
    layer.values.set(leaf.key, { value: textFor(used, variables[used] ?? '', leaf), place: placeOf(used) });
  }
  for (const [unused, words] of Object.entries(UNUSED_NAMES)) {
    if (isSet(variables[unused])) layer.warnings.push(`${unused} ${words}`);
  }
  moveKeyPath(layer);
  return layer;
}

export function envFileLayer(source: EnvFile, leaves: readonly Leaf[]): Layer {
  const layer = variablesLayer(source.file, source.variables, leaves, (variable) => {
    const line = source.lineOf(variable);
    return `${variable} in ${source.file}${line === undefined ? '' : `:${line}`}`;
  });
  for (const leaf of leaves) {
    for (const variable of leaf.meta.env ?? []) {
      if (isSet(source.variables[variable]) && source.isCutAtHash(variable)) {
        const line = source.lineOf(variable);
        layer.warnings.push(`${source.file}:${line}: the value of ${variable} ends at #; quote it if # belongs to it`);
      }
    }
  }
  return layer;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

const SECONDS = ['KEEPALIVE_TIMEOUT', 'SNOWFLAKE_POOL_CONNECTION_TIMEOUT', 'LOCK_CLEANUP_INTERVAL'];

function textFor(variable: string, text: string, leaf: Leaf): string {
  const renamed = OLD_VALUES[leaf.key]?.get(text.trim().toLowerCase());
  if (renamed !== undefined) return renamed;
  if (leaf.meta.unit !== 'duration' || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return text;
  if (variable.endsWith('_MINUTES')) return `${text.trim()}m`;
  if (variable.endsWith('_HOURS')) return `${text.trim()}h`;
  return variable.endsWith('_SECONDS') || SECONDS.includes(variable) ? `${text.trim()}s` : text;
}

/** Values of earlier set-ups by key. */
const OLD_VALUES: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  'snowflake.authenticator': new Map([
    ['private_key', 'SNOWFLAKE_JWT'],
    ['external_browser', 'EXTERNALBROWSER'],
  ]),
  'logging.level': new Map([
    ['warning', 'warn'],
    ['critical', 'error'],
  ]),
  'logging.format': new Map([
    ['structured', 'json'],
    ['simple', 'text'],
    ['detailed', 'text'],
  ]),
};

/** Old set-ups keep the path of the key file in SNOWFLAKE_PRIVATE_KEY. */
function moveKeyPath(layer: Layer): void {
  const given = layer.values.get('snowflake.private_key');
  if (given === undefined || typeof given.value !== 'string' || !looksLikePath(given.value)) return;
  layer.values.delete('snowflake.private_key');
  if (!layer.values.has('snowflake.private_key_path')) layer.values.set('snowflake.private_key_path', given);
  layer.warnings.push(
    'SNOWFLAKE_PRIVATE_KEY holds a path: use SNOWFLAKE_PRIVATE_KEY_PATH (snowflake.private_key_path)',
  );
}

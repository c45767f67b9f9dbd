/**
 * One source of the configuration as a flat layer: key -> value and the place it was written at.
 *
 * Keys go into a Map, never onto an object, so that a file cannot name `__proto__` to any effect.
 */
import type { Leaf } from './leaves.ts';

export interface Given {
  readonly value: unknown;
  /** Where a person finds it: `file.yaml:12`, `SERVER_PORT in the environment`, `--port`. */
  readonly place: string;
}

export interface Layer {
  /** Short name for the list of sources. */
  readonly name: string;
  readonly values: Map<string, Given>;
  readonly faults: string[];
  readonly warnings: string[];
}

export function emptyLayer(name: string): Layer {
  return { name, values: new Map(), faults: [], warnings: [] };
}

/** Puts the content of a parsed file into a layer; unknown keys and sections that are no mapping become faults. */
export function fillFromTree(
  layer: Layer,
  tree: unknown,
  leaves: readonly Leaf[],
  placeOf: (path: readonly string[]) => string,
): void {
  if (tree === null || tree === undefined) return;
  if (!isMapping(tree)) {
    layer.faults.push(`${placeOf([])}: the file must hold sections such as \`server:\``);
    return;
  }
  const sections = [...new Set<string>(leaves.map((leaf) => leaf.section))];
  for (const [section, content] of Object.entries(tree)) {
    if (!sections.includes(section)) {
      layer.faults.push(`${placeOf([section])}: ${section} is not a section${suggestion(section, sections)}`);
    } else if (isMapping(content)) {
      fillSection(layer, section, content, leaves, placeOf);
    } else if (content !== null) {
      layer.faults.push(`${placeOf([section])}: ${section} must hold keys, one a line`);
    }
  }
}

function fillSection(
  layer: Layer,
  section: string,
  content: Readonly<Record<string, unknown>>,
  leaves: readonly Leaf[],
  placeOf: (path: readonly string[]) => string,
): void {
  for (const [name, value] of Object.entries(content)) {
    const key = `${section}.${name}`;
    const place = placeOf([section, name]);
    if (isMapping(value) && leaves.some((leaf) => leaf.key.startsWith(`${key}_`))) {
      // `tls: { cert: FILE }` is `tls_cert: FILE`.
      const flat = Object.fromEntries(Object.entries(value).map(([part, one]) => [`${name}_${part}`, one]));
      fillSection(layer, section, flat, leaves, () => place);
    } else if (!leaves.some((leaf) => leaf.key === key)) {
      layer.faults.push(`${place}: ${key} is not a key${suggestedKey(section, name, leaves)}`);
    } else if (value !== null) {
      layer.values.set(key, { value, place });
    }
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function suggestedKey(section: string, name: string, leaves: readonly Leaf[]): string {
  const elsewhere = leaves.find((leaf) => leaf.name === name);
  if (elsewhere) return ` (did you mean ${elsewhere.key}?)`;
  return suggestion(
    name,
    leaves.filter((leaf) => leaf.section === section).map((leaf) => leaf.name),
  );
}

/** ` (did you mean ...?)` when a known word is near, else nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word.slice(0, 40), candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near && near.distance <= Math.max(2, near.candidate.length / 3) ? ` (did you mean ${near.candidate}?)` : '';
}

/** Letters to insert, remove or replace to make one word of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

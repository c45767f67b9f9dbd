/** Holds the import table of ARCHITECTURE.md: who may import whom, and no circles. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

interface Import {
  readonly from: string;
  /** Path below src for our own files, the package name otherwise. */
  readonly to: string;
  readonly own: boolean;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => {
    const target = match[2] ?? match[3] ?? match[4] ?? '';
    const own = target.startsWith('.');
    return {
      from: file,
      to: own ? relative(SRC, join(SRC, dirname(file), target)) : target,
      own,
      typeOnly: match[1] !== undefined,
    };
  });
}

const all = files.flatMap(importsOf);
const own = all.filter((entry) => entry.own);
const under = (path: string, room: string) => path === `${room}.ts` || path.startsWith(`${room}/`);
const show = (entries: readonly Import[]) => entries.map((entry) => `${entry.from} -> ${entry.to}`);

/** Pure files of src/shared that the embedded engine may use beside the SQL lexer. */
const GROUND_FLOOR = ['clock', 'units', 'backoff', 'rate-window', 'redact', 'log', 'exit-codes', 'embedded-ipc'];

/** Later rooms may import earlier ones. */
const WORKER_ORDER = [
  'worker/snowflake',
  'worker/pool',
  'worker/query',
  'worker/state',
  'worker/session',
  'worker/mcp',
  'worker/http',
];

test('imports: the source was found', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(own.length).toBeGreaterThan(20);
});

test('imports: shared imports only shared', () => {
  expect(show(own.filter((entry) => under(entry.from, 'shared') && !under(entry.to, 'shared')))).toEqual([]);
});

test('imports: rules import only rules and the pure ground floor, no node: and no package', () => {
  const pure = ['backoff', 'rate-window', 'exit-codes'].map((name) => `shared/${name}.ts`);
  const wrong = all.filter(
    (entry) =>
      under(entry.from, 'primary/rules') &&
      !(entry.own && (under(entry.to, 'primary/rules') || pure.includes(entry.to))),
  );
  expect(show(wrong)).toEqual([]);
});

test('imports: the primary imports itself and shared', () => {
  const wrong = own.filter(
    (entry) => under(entry.from, 'primary') && !under(entry.to, 'primary') && !under(entry.to, 'shared'),
  );
  expect(show(wrong)).toEqual([]);
});

test('imports: the cli imports itself and shared; only the command in front runs the primary in its own process', () => {
  const wrong = own.filter(
    (entry) =>
      under(entry.from, 'cli') &&
      !under(entry.to, 'cli') &&
      !under(entry.to, 'shared') &&
      !(entry.from === 'cli/foreground.ts' && entry.to === 'primary/main.ts'),
  );
  expect(show(wrong)).toEqual([]);
});

test('imports: the worker imports itself and shared, its rooms one way', () => {
  const wrong = own.filter((entry) => {
    if (!under(entry.from, 'worker')) return false;
    if (!under(entry.to, 'worker')) return !under(entry.to, 'shared');
    const [from, to] = [entry.from, entry.to].map((path) => WORKER_ORDER.findIndex((room) => under(path, room)));
    return from !== undefined && to !== undefined && from !== -1 && to > from;
  });
  expect(show(wrong)).toEqual([]);
});

test('imports: the embedded engine knows only itself, the lexer and the ground floor', () => {
  const wrong = own.filter(
    (entry) =>
      under(entry.from, 'embedded') &&
      !under(entry.to, 'embedded') &&
      !under(entry.to, 'shared/sql') &&
      !GROUND_FLOOR.includes(entry.to.replace(/^shared\/(.*)\.ts$/, '$1')),
  );
  expect(show(wrong)).toEqual([]);
});

test('imports: there are no circles', () => {
  const edges = new Map<string, string[]>();
  for (const entry of own) if (!entry.typeOnly) edges.set(entry.from, [...(edges.get(entry.from) ?? []), entry.to]);
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) circles.push([...path.slice(at), file].join(' -> '));
    if (at !== -1 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

test('imports: one file each opens node:cluster, snowflake-sdk and DuckDB; lmdb one to use it, one to copy it', () => {
  const doors = (name: string) => [
    ...new Set(all.filter((entry) => entry.to === name && !entry.typeOnly).map((entry) => entry.from)),
  ];
  expect(doors('node:cluster')).toEqual(['primary/launcher.ts']);
  expect(doors('snowflake-sdk')).toEqual(['worker/snowflake/sdk-driver.ts']);
  expect(doors('@duckdb/node-api')).toEqual(['embedded/engine.ts']);
  expect(doors('lmdb')).toEqual(['cli/backup/store-copy.ts', 'worker/state/lmdb-store.ts']);
});

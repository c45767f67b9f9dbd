/**
 * Stack traces in lines of the sources: the programs are bundles, whose own lines say nothing to a reader.
 *
 * The maps beside the bundles are read when a stack is told and let go again: kept in memory, as
 * --enable-source-maps does, they would cost every process megabytes for something that hardly ever happens.
 */
import { readFileSync, statSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url).href;
const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g;
/** Frames are ten; more bundles than this are not in a stack. */
const MAPS_MAX = 10;

/**
 * The stack of an error, its message first. A place stays as it is when its map cannot be read, or when its file was
 * replaced since it was loaded, as by an upgrade: the map would be that of another program.
 */
export function sourceStack(error: Error, loadedAtMs = performance.timeOrigin): string {
  const maps = new Map<string, SourceMap | undefined>();
  return (error.stack ?? `${error.name}: ${error.message}`).replace(PLACE, (place, file: string, line, column) => {
    if (!maps.has(file) && maps.size < MAPS_MAX) maps.set(file, mapOf(file, loadedAtMs));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    const source = new URL(entry.originalSource, file).href;
    const path = source.startsWith(ROOT) ? source.slice(ROOT.length) : source;
    return `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string, loadedAtMs: number): SourceMap | undefined {
  if (!file.startsWith(ROOT)) return undefined;
  const path = fileURLToPath(file);
  try {
    if (statSync(path).ctimeMs > loadedAtMs) return undefined;
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

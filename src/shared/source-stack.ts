/**
 * Stack traces in lines of the sources: the programs are bundles, whose own lines say nothing to a reader.
 *
 * The maps beside the bundles are read when a stack is told and let go again: kept in memory, as
 * --enable-source-maps does, they would cost every process megabytes for something that hardly ever happens.
 */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url).href;
const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g;
/** Frames are ten; more bundles than this are not in a stack. */
const MAPS_MAX = 10;

/** The stack of an error, its message first; a place whose map is not there or cannot be read stays as it is. */
export function sourceStack(error: Error): string {
  const maps = new Map<string, SourceMap | undefined>();
  return (error.stack ?? `${error.name}: ${error.message}`).replace(PLACE, (place, file: string, line, column) => {
    if (!maps.has(file) && maps.size < MAPS_MAX) maps.set(file, mapOf(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    const source = new URL(entry.originalSource, file).href;
    const path = source.startsWith(ROOT) ? source.slice(ROOT.length) : source;
    return `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  if (!file.startsWith(ROOT)) return undefined;
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    return undefined;
  }
}

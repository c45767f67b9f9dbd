/** What a daemon has written to a log, with the parts that were rotated away: at midnight there is a second one. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';

const ROTATED = /^(\d{4}-\d\d-\d\d(?:\.\d+)?)(?:\.gz)?$/;

/** @param path the name that leads to the newest part */
export function readLog(path: string): string {
  const prefix = `${basename(path)}.`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  const parts = new Set(names.flatMap((name) => ROTATED.exec(name.slice(prefix.length))?.[1] ?? []));
  if (parts.size === 0) return readFileSync(path, 'utf8');
  const oldestFirst = [...parts].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return oldestFirst.map((part) => readPart(`${path}.${part}`)).join('');
}

/** A part is there until its compressed form is. */
function readPart(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return gunzipSync(readFileSync(`${path}.gz`)).toString();
  }
}

/**
 * Files a configuration comes from: YAML and JSON with the line of each key, and programs, of which the export counts.
 *
 * One whose aliases would blow up is refused. No text of a file goes into a message: it may hold a password.
 */
import { realpathSync } from 'node:fs';
import { extname } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { AppError } from '../errors.ts';
import { readBounded, unreadable } from './bounded-file.ts';
import { evaluateModule } from './ecosystem-module.ts';

const MAX_ALIASES = 100;

interface Parsed {
  readonly tree: unknown;
  /** Line of the key at a path, undefined when it has none. */
  readonly lineOf: (path: readonly string[]) => number | undefined;
}

/** Formats by the end of the file's name. */
const FORMATS: Readonly<Record<string, (file: string, text: string) => Parsed>> = {
  '.yaml': parseYaml,
  '.yml': parseYaml,
  '.json': parseJson,
};

const PROGRAMS = ['.js', '.cjs', '.mjs'];

/** Whether a file of this name is run, not parsed. */
export const isProgram = (file: string): boolean => PROGRAMS.includes(extname(file).toLowerCase());

/** What a file holds or, when it is a program, exports. @throws AppError CONFIG_UNREADABLE */
export function readTree(file: string): Parsed {
  const ending = extname(file).toLowerCase();
  const parse = FORMATS[ending];
  if (parse !== undefined) return parse(file, readBounded(file));
  if (!isProgram(file)) {
    throw unreadable(file, `its name must end in ${[...Object.keys(FORMATS), ...PROGRAMS].join(', ')}`);
  }
  // The text is read for its limits alone.
  readBounded(file);
  return { tree: evaluateModule(realpathSync(file)), lineOf: () => undefined };
}

function parseYaml(file: string, text: string): Parsed {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [error] = document.errors;
    if (error) {
      const [words = 'it is not YAML'] = error.message.split(':');
      throw unreadable(file, `line ${lines.linePos(error.pos[0]).line}: ${words}`);
    }
    const tree: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { tree, lineOf: (path) => lineOfPath(document, lines, path) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const isBomb = error instanceof ReferenceError && error.message.startsWith('Excessive alias');
    throw unreadable(
      file,
      isBomb ? 'its aliases (*name) multiply' : 'an alias (*name) or its nesting cannot be resolved',
    );
  }
}

/** Strict JSON; the lines come from reading the same text as YAML. */
function parseJson(file: string, text: string): Parsed {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    const at = /at position (\d+)/.exec(String(error))?.[1];
    const line = at === undefined ? '' : `line ${text.slice(0, Number(at)).split('\n').length}: `;
    throw unreadable(file, `${line}it is not JSON`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  return { tree, lineOf: (path) => lineOfPath(document, lines, path) };
}

function lineOfPath(document: Document, lines: LineCounter, path: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const name of path) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === name)
      : undefined;
    if (pair === undefined) return undefined;
    offset = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
    node = pair.value;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

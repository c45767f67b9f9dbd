/**
 * The door to the SQL parser (sqlparser-rs as WebAssembly).
 *
 * Some texts exhaust its stack; from then on that instance may fail on every text. So any failure that is not a plain
 * syntax error throws the instance away and a fresh one takes over at once. An instance that was thrown away is never
 * freed by Node (its module stays loaded, measured 18 MB), so their number is bounded; after that `broken` stays true and the
 * process has to be replaced.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

type Parsed =
  | { readonly kind: 'tree'; readonly statements: readonly unknown[] }
  | { readonly kind: 'syntax-error' }
  /** This text broke the instance. */
  | { readonly kind: 'failed' }
  /** Not warmed up, or no fresh instance could be made. */
  | { readonly kind: 'unavailable' };

export interface SqlParser {
  /** Loads the parser; may be called again. @throws when the package cannot be loaded */
  warm(): Promise<void>;
  parse(sql: string): Parsed;
  /** True when nothing will be parsed any more in this process. */
  readonly broken: boolean;
  /** Instances thrown away so far. */
  readonly replaced: number;
}

/** A compiled WebAssembly module; the types of Node 20 do not know WebAssembly. */
type Compiled = object;
const { WebAssembly: engine } = globalThis as unknown as {
  WebAssembly: { compile(bytes: Uint8Array): Promise<Compiled> };
};

/** What is used of the package's generated module. */
interface Glue {
  initSync(options: { module: Compiled }): unknown;
  parse_sql(dialect: string, sql: string): unknown;
}

/** A parser that replaces its instance at most `maxReplaced` times. */
export function createSqlParser(maxReplaced = 8): SqlParser {
  const require = createRequire(import.meta.url);
  const directory = new URL('../wasm/', pathToFileURL(require.resolve('@guanmingchiu/sqlparser-ts')));
  let compiled: Compiled | undefined;
  let current: Glue | undefined;
  let spare: Glue | undefined;
  let warming: Promise<void> | undefined;
  let replaced = 0;

  async function load(): Promise<void> {
    const module = await engine.compile(await readFile(new URL('sqlparser_rs_wasm_bg.wasm', directory)));
    compiled = module;
    spare = await importGlue(directory);
    takeSpare(module);
    spare = await importGlue(directory);
  }

  function takeSpare(module: Compiled): void {
    if (spare === undefined) return;
    spare.initSync({ module });
    current = spare;
    spare = undefined;
  }

  /** The spare takes over at once; without one, the next parser to arrive does. */
  function replace(module: Compiled): void {
    current = undefined;
    replaced++;
    if (replaced > maxReplaced) return;
    takeSpare(module);
    importGlue(directory).then(
      (glue) => {
        spare = glue;
        if (current === undefined && replaced <= maxReplaced) takeSpare(module);
      },
      () => undefined,
    );
  }

  return {
    warm() {
      warming ??= load();
      return warming;
    },
    parse(sql) {
      if (current === undefined || compiled === undefined) return { kind: 'unavailable' };
      try {
        const statements = current.parse_sql('snowflake', sql);
        if (Array.isArray(statements)) return { kind: 'tree', statements };
      } catch (error) {
        if (isSyntaxError(error)) return { kind: 'syntax-error' };
      }
      replace(compiled);
      return { kind: 'failed' };
    },
    get broken() {
      return replaced > maxReplaced;
    },
    get replaced() {
      return replaced;
    },
  };
}

/** A module of its own for each call: the glue keeps its one instance in a module variable. */
async function importGlue(directory: URL): Promise<Glue> {
  const url = new URL(`sqlparser_rs_wasm.js?instance=${randomUUID()}`, directory);
  return (await import(url.href)) as Glue;
}

/** The parser throws a plain `{ message, line, column }` for a syntax error, and an Error when it broke. */
function isSyntaxError(thrown: unknown): boolean {
  if (thrown instanceof Error) return false;
  const message = typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown;
  return typeof message === 'string' && message.startsWith('sql parser error');
}

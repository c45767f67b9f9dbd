/** The `args` of a PM2 app: the flags of the program it started, of which those that this server has too are read. */
import { FLAG_KEYS } from './flags.ts';

export interface ReadArgs {
  /** Key of the configuration -> flag and value. */
  readonly values: ReadonlyMap<string, { readonly flag: string; readonly value: string }>;
  /** Flags this server does not have. */
  readonly unknown: readonly string[];
}

/** Undefined when it is neither a text nor a list of texts and numbers. */
export function readArgs(args: unknown): ReadArgs | undefined {
  const words = wordsOf(args);
  if (words === undefined) return undefined;
  const values = new Map<string, { flag: string; value: string }>();
  const unknown: string[] = [];
  words.forEach((word, index) => {
    const [, name, inline] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) return;
    const key: string | undefined = Object.hasOwn(FLAG_KEYS, name)
      ? FLAG_KEYS[name as keyof typeof FLAG_KEYS]
      : undefined;
    const next = words[index + 1];
    const value = inline ?? (next?.startsWith('--') ? undefined : next);
    if (key === undefined || value === undefined) unknown.push(`--${name}`);
    else values.set(key, { flag: `--${name}`, value });
  });
  return { values, unknown };
}

function wordsOf(args: unknown): readonly string[] | undefined {
  if (typeof args === 'string') {
    return [...args.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map((match) => match[1] ?? match[2] ?? match[0]);
  }
  const isList = Array.isArray(args) && args.every((item) => typeof item === 'string' || typeof item === 'number');
  return isList ? args.map(String) : undefined;
}

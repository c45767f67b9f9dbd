/**
 * Builders of config fields: each carries unit, range, default, one sentence of consequence, its environment name
 * and when a change applies. The reference page, the JSON Schema and the fault messages are made from this.
 */
import { z } from 'zod';
import { formatDuration, formatSize, parseDuration, parseSize } from '../units.ts';

/** `live`: at once; `rolling`: with the next reload; `restart`: needs a restart of the daemon. */
export type Applies = 'live' | 'rolling' | 'restart';

export interface FieldMeta {
  readonly says: string;
  readonly applies: Applies;
  /** Accepted environment names, ours first; the others are old names and give a warning. */
  readonly env?: readonly string[];
  readonly unit: string;
  readonly range?: string;
  /** The default as a person would write it; absent means not set. */
  readonly standard?: string;
  readonly secret?: boolean;
}

/** Unit of a field that names a file or directory. */
export const PATH_UNIT = 'path';

type Told = Pick<FieldMeta, 'says' | 'applies' | 'env' | 'secret'>;

const metas = z.registry<FieldMeta>();

/** What is known about a field, undefined for a schema that no builder made. */
export function fieldMeta(schema: z.core.$ZodType): FieldMeta | undefined {
  return metas.get(schema as z.ZodType);
}

function register<T extends z.ZodType>(schema: T, meta: FieldMeta): T {
  metas.add(schema, meta);
  return schema;
}

/** Milliseconds; written as `10s`, `500ms`, `1h` or a number of milliseconds. */
export function duration(told: Told & { min: string; max: string; standard: string }) {
  const [min, max] = [parseDuration(told.min) ?? 0, parseDuration(told.max) ?? 0];
  const schema = z
    .union([z.number(), z.string()])
    .transform((value, ctx) => {
      const ms = parseDuration(value);
      if (ms === undefined) ctx.addIssue(`${JSON.stringify(value)} is not a duration (write 10s, 500ms, 1h)`);
      else if (ms < min || ms > max) {
        ctx.addIssue(`${JSON.stringify(value)} is outside ${formatDuration(min)} to ${formatDuration(max)}`);
      }
      return ms ?? 0;
    })
    .prefault(told.standard);
  return register(schema, { ...told, unit: 'duration', range: `${told.min} to ${told.max}` });
}

/** Bytes; written as `500M`, `1G` or a number of bytes. */
export function size(told: Told & { min: string; max: string; standard: string }) {
  const [min, max] = [parseSize(told.min) ?? 0, parseSize(told.max) ?? 0];
  const schema = z
    .union([z.number(), z.string()])
    .transform((value, ctx) => {
      const bytes = parseSize(value);
      if (bytes === undefined) ctx.addIssue(`${JSON.stringify(value)} is not a size (write 500M, 1G, 4096)`);
      else if (bytes < min || bytes > max) {
        ctx.addIssue(`${JSON.stringify(value)} is outside ${formatSize(min)} to ${formatSize(max)}`);
      }
      return bytes ?? 0;
    })
    .prefault(told.standard);
  return register(schema, { ...told, unit: 'size', range: `${told.min} to ${told.max}` });
}

/** A whole number, also from text (environment and flags). */
export function whole(told: Told & { min: number; max: number; standard: number; unit?: string }) {
  const schema = z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\s*-?\d+\s*$/, 'is not a whole number')
        .transform(Number),
    ])
    .transform((value, ctx) => {
      if (!Number.isInteger(value)) ctx.addIssue(`${value} is not a whole number`);
      else if (value < told.min || value > told.max) ctx.addIssue(`${value} is outside ${told.min} to ${told.max}`);
      return value;
    })
    .prefault(told.standard);
  return register(schema, {
    ...told,
    unit: told.unit ?? 'number',
    range: `${told.min} to ${told.max}`,
    standard: String(told.standard),
  });
}

/** A share between two bounds, e.g. 0.2. */
export function ratio(told: Told & { min: number; max: number; standard: number }) {
  const schema = z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\s*\d+(\.\d+)?\s*$/, 'is not a number')
        .transform(Number),
    ])
    .transform((value, ctx) => {
      if (value < told.min || value > told.max) ctx.addIssue(`${value} is outside ${told.min} to ${told.max}`);
      return value;
    })
    .prefault(told.standard);
  return register(schema, {
    ...told,
    unit: 'ratio',
    range: `${told.min} to ${told.max}`,
    standard: String(told.standard),
  });
}

const YES = ['true', 'yes', 'on', '1'];
const NO = ['false', 'no', 'off', '0'];

export function flag(told: Told & { standard: boolean }) {
  const schema = z
    .union([z.boolean(), z.string()])
    .transform((value, ctx) => {
      const word = String(value).trim().toLowerCase();
      if (!YES.includes(word) && !NO.includes(word)) ctx.addIssue(`${JSON.stringify(value)} is neither true nor false`);
      return YES.includes(word);
    })
    .prefault(told.standard);
  return register(schema, { ...told, unit: 'true or false', standard: String(told.standard) });
}

/** True, false, or `auto`: the program decides from the rest of the configuration. */
export function flagOrAuto(told: Told) {
  const schema = z
    .union([z.boolean(), z.string()])
    .transform((value, ctx): boolean | 'auto' => {
      const word = String(value).trim().toLowerCase();
      if (word === 'auto') return 'auto';
      if (!YES.includes(word) && !NO.includes(word)) {
        ctx.addIssue(`${JSON.stringify(value)} is neither true nor false nor auto`);
      }
      return YES.includes(word);
    })
    .prefault('auto');
  return register(schema, { ...told, unit: 'true, false or auto', standard: 'auto' });
}

export function text(told: Told & { standard: string; pattern?: RegExp; hint?: string }) {
  const checked = told.pattern
    ? z.string().regex(told.pattern, `does not look like ${told.hint ?? 'that'}`)
    : z.string();
  return register(checked.prefault(told.standard), { ...told, unit: 'text' });
}

/** A text that may be left out; empty counts as left out. */
export function optionalText(told: Told & { pattern?: RegExp; hint?: string }) {
  const checked = told.pattern
    ? z.string().regex(told.pattern, `does not look like ${told.hint ?? 'that'}`)
    : z.string();
  const schema = z.preprocess((value) => (value === '' ? undefined : value), checked.optional());
  return register(schema, { ...told, unit: 'text' });
}

/** As optionalText, for a file or directory: relative ones start in server.working_dir, `~/` is the home directory. */
export function optionalPath(told: Told) {
  const schema = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
  return register(schema, { ...told, unit: PATH_UNIT });
}

export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  told: Told & { standard: T[number] },
) {
  const schema = z
    .string()
    .transform((value, ctx): T[number] => {
      const found = values.find((candidate) => candidate.toLowerCase() === value.trim().toLowerCase());
      if (found === undefined) ctx.addIssue(`${JSON.stringify(value)} is not one of ${values.join(', ')}`);
      return found ?? told.standard;
    })
    .prefault(told.standard);
  return register(schema, { ...told, unit: values.join(' | ') });
}

/** One of the words, or an https address (without a `/` at its end). */
export function choiceOrAddress<const T extends readonly [string, ...string[]]>(
  values: T,
  told: Told & { standard: T[number] },
) {
  const schema = z
    .string()
    .transform((value, ctx): T[number] | `https://${string}` => {
      const written = value.trim();
      const found = values.find((candidate) => candidate.toLowerCase() === written.toLowerCase());
      if (found !== undefined) return found;
      if (/^https:\/\/[^\s/@]+(?:\/[^\s]*)?$/i.test(written)) {
        return `https://${written.slice('https://'.length).replace(/\/+$/, '')}`;
      }
      ctx.addIssue(`${JSON.stringify(value)} is not one of ${values.join(', ')} nor an https address`);
      return told.standard;
    })
    .prefault(told.standard);
  return register(schema, { ...told, unit: `${values.join(', ')} or an https address` });
}

/** Values by names of the owner's choice, each as `value` says. Empty by default. */
export function named<T extends z.ZodType>(value: T, told: Told & { maxItems: number; unit: string }) {
  const schema = z
    .record(z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'is no name'), value)
    .transform((entries, ctx) => {
      const count = Object.keys(entries).length;
      if (count > told.maxItems) ctx.addIssue(`has ${count} items, at most ${told.maxItems} are allowed`);
      return entries;
    })
    .prefault({});
  return register(schema, { ...told, range: `at most ${told.maxItems}`, standard: 'empty' });
}

/** A list of texts, numbers among them as text; in the environment separated by commas. */
export function list(told: Told & { standard: readonly string[]; maxItems: number }) {
  const schema = z
    .union([
      z.array(z.union([z.string(), z.number()])),
      z.number().transform((value) => [value]),
      z.string().transform((value) => value.split(',')),
    ])
    .transform((items, ctx) => {
      const kept = items.map((item) => String(item).trim()).filter((item) => item !== '');
      if (kept.length > told.maxItems) ctx.addIssue(`has ${kept.length} items, at most ${told.maxItems} are allowed`);
      return kept;
    })
    .prefault([...told.standard]);
  return register(schema, {
    ...told,
    unit: 'list',
    range: `at most ${told.maxItems}`,
    standard: told.standard.length === 0 ? 'empty' : told.standard.join(','),
  });
}

/**
 * Statement kinds with a verdict each: `[{ Select: true }, { Drop: false }]`, one mapping of them, or in the environment
 * `select,show` for those that are allowed. Empty by default.
 */
export function permissions(told: Told & { maxItems: number }) {
  const verdict = z.union([z.boolean(), z.enum(['true', 'false', 'True', 'False', 'yes', 'no'])]);
  const mapping = z.record(z.string(), verdict).transform((entries) =>
    Object.entries(entries).map(([statement, allowed]) => ({
      statement,
      allowed: YES.includes(String(allowed).toLowerCase()),
    })),
  );
  const words = z.string().transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
      .map((statement) => ({ statement, allowed: true })),
  );
  const schema = z
    .union([z.array(z.union([mapping, words])).transform((items) => items.flat()), mapping, words])
    .transform((items, ctx) => {
      if (items.length > told.maxItems) ctx.addIssue(`has ${items.length} items, at most ${told.maxItems} are allowed`);
      return items;
    })
    .prefault([]);
  return register(schema, {
    ...told,
    unit: 'list of `Kind: true or false`',
    range: `at most ${told.maxItems}`,
    standard: 'empty',
  });
}

/** `max`, `0` (the same), a positive count, or a negative one: that many fewer than there are processors. */
export function workerCount(told: Told & { standard: string }) {
  const schema = z
    .union([z.number(), z.string()])
    .transform((value, ctx): 'max' | number => {
      if (value === 'max' || value === 0 || value === '0') return 'max';
      const count = Number(value);
      if (!Number.isInteger(count) || Math.abs(count) > 256 || String(value).trim() === '') {
        ctx.addIssue(`${JSON.stringify(value)} is not max or a whole number from -256 to 256`);
        return 'max';
      }
      return count;
    })
    .prefault(told.standard);
  return register(schema, { ...told, unit: 'max or a number', range: '-256 to 256' });
}

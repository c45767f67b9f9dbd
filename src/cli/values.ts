/** Reads values of arguments; what cannot be read is a usage error that names the argument. */
import { parseDuration } from '../shared/units.ts';

export type Seconds = number;

/** Wrong usage: told with the help of the command, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const MAX_SECONDS = 3600;

export function seconds(argument: string): (value: unknown) => Seconds {
  return (value) => {
    const read = Number(value);
    if (String(value).trim() === '' || !Number.isFinite(read) || read < 0 || read > MAX_SECONDS) {
      throw new UsageError(`${argument} takes seconds from 0 to ${MAX_SECONDS}, not ${String(value)}`);
    }
    return read;
  };
}

export function wholeNumber(argument: string, min: number, max: number): (value: unknown) => number | undefined {
  return (value) => {
    if (value === undefined) return undefined;
    const read = Number(value);
    if (!/^\d+$/.test(String(value)) || read < min || read > max) {
      throw new UsageError(`${argument} takes a whole number from ${min} to ${max}, not ${String(value)}`);
    }
    return read;
  };
}

/** A duration between two others, such as 90d. @returns milliseconds */
export function span(argument: string, min: string, max: string): (value: unknown) => number {
  return (value) => {
    const read = /^\s*\d+\s*$/.test(String(value)) ? undefined : parseDuration(String(value));
    if (read === undefined || read < (parseDuration(min) ?? 0) || read > (parseDuration(max) ?? 0)) {
      throw new UsageError(
        `${argument} takes a duration from ${min} to ${max}, such as 90d or 12h, not ${String(value)}`,
      );
    }
    return read;
  };
}

/** A moment: a duration back from now (`10m`) or a date. @returns milliseconds since 1970 */
export function moment(argument: string, now: () => number): (value: unknown) => number | undefined {
  return (value) => {
    if (value === undefined) return undefined;
    const back = /^\d+$/.test(String(value)) ? undefined : parseDuration(String(value));
    const read = back === undefined ? Date.parse(String(value)) : now() - back;
    if (Number.isNaN(read)) {
      throw new UsageError(`${argument} takes a duration such as 10m or a date such as 2026-01-31T12:00:00Z`);
    }
    return read;
  };
}

const MAX_WORKERS = 256;

/** The words of `scale` as they are; whether the number fits is told by those that run. */
export function workerWords(words: string): string {
  if (words === 'max' || /^[+-]?\d{1,3}$/.test(words)) return words;
  throw notWorkers(words);
}

const notWorkers = (words: string) =>
  new UsageError(`scale takes max, a number from 1 to ${MAX_WORKERS}, +N or -N, not ${words}`);

/** `4`, `+1`, `-1` or `max` as a number of workers. */
export function workerTarget(words: string, current: number, processors: number): number {
  workerWords(words);
  const relative = /^[+-]\d{1,3}$/.test(words);
  const wanted = words === 'max' ? processors : Number(words);
  const target = relative ? current + wanted : wanted;
  if (target > MAX_WORKERS) throw notWorkers(words);
  if (target < 1) throw new UsageError(`scale would leave ${target} workers; the least is 1`);
  return target;
}

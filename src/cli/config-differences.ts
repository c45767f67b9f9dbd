/** What differs between two sets of values by name; of a secret only that it differs. */

export interface Difference {
  readonly key: string;
  /** Undefined when it is not there. */
  readonly before: string | undefined;
  readonly now: string | undefined;
}

const MASK = '***';

export function differencesOf(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  isSecret: (key: string) => boolean,
): Difference[] {
  const keys = [...new Set([...before.keys(), ...now.keys()])].sort();
  return keys
    .filter((key) => before.get(key) !== now.get(key))
    .map((key) => {
      const shown = (value: string | undefined) => (value === undefined || !isSecret(key) ? value : MASK);
      return { key, before: shown(before.get(key)), now: shown(now.get(key)) };
    });
}

/** As diff does: what is no more, what is new. */
export function differenceLines({ key, before, now }: Difference): string[] {
  const lines = [];
  if (before !== undefined) lines.push(`- ${key}: ${before}`);
  if (now !== undefined) lines.push(`+ ${key}: ${now}${before === MASK && now === MASK ? ' (another one)' : ''}`);
  return lines;
}

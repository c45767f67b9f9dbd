/** Samples of the Prometheus text that a daemon renders. Pure. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** @param names only these; their order is that of the text */
export function samplesOf(text: string, names: readonly string[]): Sample[] {
  const wanted = new Set(names);
  return text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value] = LINE.exec(line) ?? [];
    if (!wanted.has(name)) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The sum of all series of a metric, 0 without any. */
export function sumOf(samples: readonly Sample[], name: string): number {
  return samples.reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
}

/** Undefined without any series. */
export function leastOf(samples: readonly Sample[], name: string): number | undefined {
  const values = samples.filter((sample) => sample.name === name).map(({ value }) => value);
  return values.length === 0 ? undefined : Math.min(...values);
}

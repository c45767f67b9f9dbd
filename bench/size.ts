/**
 * How long a bench takes: `quick` is for shape (all of them within a minute, nothing is written down), `short` for ratios
 * in a few minutes, `full` for the figures to keep.
 */
export type Size = 'quick' | 'short' | 'full';

export function sized<Value>(size: Size, values: Readonly<Record<Size, Value>>): Value {
  return values[size];
}

/** The table of metrics: each has a test that moves it, and each is set by code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRICS, type MetricName, type MetricSpec } from '../../../src/shared/metrics.ts';
import { LABEL_PROOFS, METRIC_PROOFS, NOT_FROM_OUTSIDE } from '../../support/metric-proofs.ts';
import { ROOT } from '../../support/process.ts';

const names = Object.keys(METRICS) as MetricName[];
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** Histograms are read by their counts. */
const named = (name: string) => new RegExp(`\\b${name}(?:_count|_sum|_bucket)?\\b`);

test('metrics: each is moved by a test, which names it', () => {
  expect(Object.keys(METRIC_PROOFS).sort()).toEqual([...names].sort());
  expect(names.filter((name) => !named(name).test(textOf(METRIC_PROOFS[name])))).toEqual([]);
});

test('metrics: each value of a closed set of label values is moved by a test, which names both', () => {
  const closed = names.flatMap((name) => ((METRICS[name] as MetricSpec).values ?? []).map((value) => [name, value]));
  const proofs = Object.entries(LABEL_PROOFS).flatMap(([name, files]) =>
    Object.entries(files).map(([value, file]) => ({ name, value, file })),
  );
  const listed = [...proofs.map(({ name, value }) => `${name} ${value}`), ...NOT_FROM_OUTSIDE];
  expect(listed.toSorted()).toEqual(closed.map(([name, value]) => `${name} ${value}`).toSorted());
  const isNamed = ({ name, value, file }: (typeof proofs)[number]) =>
    named(name).test(textOf(file)) && new RegExp(`(?<![\\w-])${value}(?![\\w-])`).test(textOf(file));
  expect(proofs.filter((proof) => !isNamed(proof))).toEqual([]);
});

test('metrics: the values of a counter with one label are a closed set', () => {
  const said = names.filter((name) => {
    const { kind, labels, values } = METRICS[name] as MetricSpec;
    return kind === 'counter' && labels.length === 1 && values === undefined && !labels.includes('worker');
  });
  expect(said).toEqual([]);
});

test('metrics: each is recorded by some code', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/^shared\/(process-)?metrics\.ts$/.test(file))
    .map((file) => textOf(join('src', file)));
  const own = names.filter((name) => (METRICS[name] as MetricSpec).source !== 'process');
  const quoted = (name: string) => files.some((text) => text.includes(`'${name}'`));
  expect(own.filter((name) => !quoted(name))).toEqual([]);
});

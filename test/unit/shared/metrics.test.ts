/** The table of metrics: each has a test that moves it, and each is set by code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRICS, type MetricName, type MetricSpec } from '../../../src/shared/metrics.ts';
import { METRIC_PROOFS } from '../../support/metric-proofs.ts';
import { ROOT } from '../../support/process.ts';

const names = Object.keys(METRICS) as MetricName[];
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** Histograms are read by their counts. */
const named = (name: string) => new RegExp(`\\b${name}(?:_count|_sum|_bucket)?\\b`);

test('metrics: each is moved by a test, which names it', () => {
  expect(Object.keys(METRIC_PROOFS).sort()).toEqual([...names].sort());
  expect(names.filter((name) => !named(name).test(textOf(METRIC_PROOFS[name])))).toEqual([]);
});

test('metrics: each is recorded by some code', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/^shared\/(process-)?metrics\.ts$/.test(file))
    .map((file) => textOf(join('src', file)));
  const own = names.filter((name) => (METRICS[name] as MetricSpec).source !== 'process');
  const quoted = (name: string) => files.some((text) => text.includes(`'${name}'`));
  expect(own.filter((name) => !quoted(name))).toEqual([]);
});

/**
 * The primary's own process_* and nodejs_* figures, in the merged metrics under the label worker="primary".
 *
 * prom-client collects asynchronously and a scrape never waits, so they are at most a few seconds old.
 */
import { createProcessFigures } from '../shared/prom-series.ts';
import type { MetricsStore } from './metrics-merge.ts';

const REFRESH_MS = 5000;

export function startProcessMetrics(metrics: Pick<MetricsStore, 'ingestOwn'>): { close(): void } {
  const figures = createProcessFigures();
  const refresh = () => {
    figures.series().then(
      (series) => metrics.ingestOwn(series),
      () => {
        // The last figures stay; the next collection may work.
      },
    );
  };
  refresh();
  const timer = setInterval(refresh, REFRESH_MS);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      figures.close();
    },
  };
}

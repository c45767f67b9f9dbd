/**
 * The primary's own process_* and nodejs_* figures, by prom-client, under the label worker="primary".
 *
 * prom-client collects asynchronously and a scrape never waits, so the text is at most a few seconds old. Its gauges
 * whose names end in _total are left out: checkers take them for counters.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';

const REFRESH_MS = 2000;

export interface ProcessMetrics {
  /** Prometheus text; empty until the first collection. */
  text(): string;
  close(): void;
}

export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ worker: 'primary' });
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    if (/^nodejs_active_\w+_total$/.test(name)) registry.removeSingleMetric(name);
  }
  let text = '';
  const refresh = () => {
    registry.metrics().then(
      (collected) => {
        text = `${collected.trim()}\n`;
      },
      () => {
        // The last figures stay; the next collection may work.
      },
    );
  };
  refresh();
  const timer = setInterval(refresh, REFRESH_MS);
  timer.unref();
  return {
    text: () => text,
    close: () => {
      clearInterval(timer);
      registry.clear();
    },
  };
}

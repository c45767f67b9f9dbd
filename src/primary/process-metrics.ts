/**
 * The primary's own process_* and nodejs_* figures, by prom-client, under the label worker="primary".
 *
 * prom-client collects asynchronously and a scrape never waits, so the text is at most a few seconds old. It is loaded
 * when the workers boot, beside them. Its gauges whose names end in _total are left out: checkers take them for counters.
 */
import type { Registry } from 'prom-client';

const LOAD_AFTER_MS = 100;
const REFRESH_MS = 2000;

export interface ProcessMetrics {
  /** Prometheus text; empty until the first collection. */
  text(): string;
  close(): void;
}

export function createProcessMetrics(): ProcessMetrics {
  let text = '';
  let registry: Registry | undefined;
  let timer: NodeJS.Timeout;
  const refresh = async () => {
    try {
      registry ??= await createRegistry();
      text = `${(await registry.metrics()).trim()}\n`;
    } catch {
      // The last figures stay; the next collection may work.
    }
  };
  const begin = () => {
    void refresh();
    timer = setInterval(refresh, REFRESH_MS);
    timer.unref();
  };
  timer = setTimeout(begin, LOAD_AFTER_MS);
  timer.unref();
  return {
    text: () => text,
    close: () => {
      clearTimeout(timer);
      registry?.clear();
    },
  };
}

async function createRegistry(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  registry.setDefaultLabels({ worker: 'primary' });
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    if (/^nodejs_active_\w+_total$/.test(name)) registry.removeSingleMetric(name);
  }
  return registry;
}

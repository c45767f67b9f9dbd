/** The dashboards that users load into Grafana, as Grafana gets them. */
import { expect, test } from 'vitest';
import { dashboardFiles } from '../../../scripts/dashboards.ts';
import { METRICS, type MetricSpec } from '../../../src/shared/metrics.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string; readonly thresholds?: { steps: unknown[] } } };
  readonly targets: readonly { readonly expr: string; readonly refId: string }[];
}

interface Page {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

const pages = Object.entries(dashboardFiles()).map(([file, text]) => ({ file, page: JSON.parse(text) as Page }));

test('dashboards: the six panels that existing installations know are on the overview', () => {
  const overview = pages.find(({ file }) => file.endsWith('/overview.json'))?.page.panels.map(({ title }) => title);
  expect(overview).toEqual(
    expect.arrayContaining([
      'Service Status',
      'Request Rate',
      'Response Times',
      'Connection Pool',
      'Error Rate',
      'Active Sessions',
    ]),
  );
});

test.each(pages)(
  'dashboards: $file asks the chosen data source and uses no panel that Grafana has given up',
  ({ page }) => {
    expect(page.schemaVersion).toBeGreaterThanOrEqual(42);
    expect(page.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ]);
    for (const panel of page.panels) {
      expect(['stat', 'timeseries']).toContain(panel.type);
      expect(panel.datasource.uid).toBe('$datasource');
      expect(panel.description).toMatch(/\.$/);
      expect(panel.fieldConfig.defaults.unit).toBeDefined();
      expect(panel.fieldConfig.defaults.thresholds?.steps.length).toBeGreaterThan(0);
      expect(new Set(panel.targets.map(({ refId }) => refId)).size).toBe(panel.targets.length);
    }
  },
);

test.each(pages)('dashboards: no two panels of $file share an id or a place', ({ page }) => {
  expect(new Set(page.panels.map(({ id }) => id)).size).toBe(page.panels.length);
  const cells = page.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, index) => `${x + (index % w)}:${y + Math.floor(index / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

test('dashboards: panels ask only for metrics that the daemon tells', () => {
  const told = new Set<string>();
  for (const [name, { kind, oldNames = [] }] of Object.entries<MetricSpec>(METRICS)) {
    const parts = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const item of [name, ...oldNames]) for (const part of parts) told.add(`${item}${part}`);
  }
  const asked = pages.flatMap(({ page }) =>
    page.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(mcp_|pool_|query_dur|rate_limit_|supervisor_)\w+/g) ?? []),
    ),
  );
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
});

/** Makes Grafana's dashboards of their description: one JSON file each, for provisioning and for the HTTP API. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { DASHBOARDS, type DashboardSpec, type PanelSpec } from './dashboard-panels.ts';

const SOURCE = { type: 'prometheus', uid: '$datasource' };
const HEIGHT = { stat: 4, lines: 8 } as const;
const TAG = 'snowflake-mcp';

/** Path below the package -> content. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(DASHBOARDS).map(([file, spec]) => [
      `deploy/grafana/dashboards/${file}`,
      `${JSON.stringify(built(spec), null, 2)}\n`,
    ]),
  );
}

function built(spec: DashboardSpec): dashboard.Dashboard {
  const page = new dashboard.DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.says)
    .tags([TAG])
    .editable()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(choice('job', 'Job', 'label_values(mcp_server_info, job)'))
    .withVariable(
      choice('instance', 'Daemon', 'label_values(mcp_server_info{job="$job"}, instance)')
        .multi(true)
        .includeAll(true)
        .allValue('.+')
        .current({ text: 'All', value: '$__all' }),
    )
    .link(
      new dashboard.DashboardLinkBuilder('Snowflake MCP')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    );
  spec.panels.forEach((panel, index) => {
    page.withPanel(panelOf(panel).id(index + 1));
  });
  return page.build();
}

/** A variable whose values are asked of Prometheus when the page opens. */
const choice = (name: string, label: string, query: string) =>
  new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query({ query, refId: name, qryType: 1 })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc);

function panelOf(spec: PanelSpec): stat.PanelBuilder | timeseries.PanelBuilder {
  const panel = spec.kind === 'stat' ? figure(spec) : chart(spec);
  panel
    .title(spec.title)
    .description(spec.says)
    .datasource(SOURCE)
    .unit(spec.unit)
    .span(spec.width)
    .height(HEIGHT[spec.kind])
    .thresholds(
      new dashboard.ThresholdsConfigBuilder()
        .mode(dashboard.ThresholdsMode.Absolute)
        .steps([{ value: null, color: 'green' }, ...(spec.limits ?? []).map(([value, color]) => ({ value, color }))]),
    );
  if (spec.min !== undefined) panel.min(spec.min);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.words !== undefined) {
    panel.mappings([{ type: dashboard.MappingType.ValueToText, options: { ...spec.words } }]);
  }
  spec.queries.forEach(([expr, legend], index) => {
    const query = new prometheus.DataqueryBuilder()
      .expr(expr)
      .legendFormat(legend)
      .refId(String.fromCharCode(65 + index));
    panel.withTarget(spec.kind === 'stat' ? query.instant() : query.range());
  });
  return panel;
}

const figure = (spec: PanelSpec) =>
  new stat.PanelBuilder()
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(spec.words === undefined ? common.BigValueColorMode.Value : common.BigValueColorMode.Background)
    .textMode(
      spec.queries.length > 1 || spec.queries.some(([, legend]) => legend.includes('{{'))
        ? common.BigValueTextMode.ValueAndName
        : common.BigValueTextMode.Value,
    )
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));

const chart = (spec: PanelSpec) =>
  new timeseries.PanelBuilder()
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    .thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(
        spec.limits === undefined ? common.GraphThresholdsStyleMode.Off : common.GraphThresholdsStyleMode.Dashed,
      ),
    );

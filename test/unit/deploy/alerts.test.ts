/** The alert rules that users load into Prometheus: each is tried both ways, says who acts and what to read. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { alertRules, PROMETHEUS_DIR, recordingRules } from '../../../scripts/alert-rules.ts';
import { EXIT_CLASSES } from '../../../src/shared/exit-codes.ts';
import { METRICS, type MetricSpec } from '../../../src/shared/metrics.ts';

interface RuleCase {
  readonly alertname: string;
  readonly exp_alerts: readonly { readonly exp_labels: { readonly severity: string } }[];
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const rules = alertRules();
const cases = readdirSync(`${PROMETHEUS_DIR}tests`).flatMap((file) => {
  const { tests } = parse(readFileSync(`${PROMETHEUS_DIR}tests/${file}`, 'utf8')) as {
    tests: readonly { alert_rule_test: readonly RuleCase[] }[];
  };
  return tests.flatMap((item) => item.alert_rule_test);
});

test.each(rules)(
  'alerts: $alert ($labels.severity) is tried with figures that fire it and figures that do not',
  (rule) => {
    const own = cases.filter(({ alertname }) => alertname === rule.alert);
    expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true);
    const fired = own.flatMap(({ exp_alerts }) => exp_alerts.map(({ exp_labels }) => exp_labels.severity));
    expect(fired).toContain(rule.labels.severity);
  },
);

test.each(rules)(
  'alerts: $alert ($labels.severity) says who acts, what happened and which page to read, which names it',
  (rule) => {
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.labels.area).toMatch(/^[a-z]+$/);
    expect(rule.annotations.summary).toContain('$labels.instance');
    expect(rule.annotations.description).toMatch(/\.$/);
    expect(rule.annotations.runbook_url).toMatch(/^runbooks\/[a-z-]+\.md$/);
    expect(readFileSync(`${ROOT}${rule.annotations.runbook_url}`, 'utf8')).toContain(`\`${rule.alert}\``);
  },
);

test('alerts: the names that existing installations route and silence by are all there', () => {
  const known = [
    ['SnowflakeMCPDown', 'critical'],
    ['ServiceDown', 'critical'],
    ['HighErrorRate', 'warning'],
    ['ConnectionPoolExhausted', 'critical'],
    ['ConnectionPoolExhaustion', 'warning'],
    ['HighResponseTime', 'warning'],
    ['HighResponseTime', 'critical'],
    ['HighMemoryUsage', 'warning'],
  ];
  expect(rules.map(({ alert, labels }) => [alert, labels.severity])).toEqual(expect.arrayContaining(known));
});

test('alerts: rules ask only for metrics that the daemon tells and for series that are recorded', () => {
  const told = new Set(['up', ...recordingRules().map(({ record }) => record)]);
  for (const [name, { kind, oldNames = [] }] of Object.entries<MetricSpec>(METRICS)) {
    for (const item of [name, ...oldNames]) told.add(kind === 'histogram' ? `${item}_bucket` : item);
  }
  const asked = [...rules, ...recordingRules()].flatMap(
    ({ expr }) => expr.match(/\b(instance:|up\b|mcp_|pool_|query_|rate_limit_|supervisor_)[\w:]*/g) ?? [],
  );
  expect(asked.length).toBeGreaterThan(rules.length);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
});

test('alerts: a worker may end in no way that is neither planned nor alarms when it comes again', () => {
  const planned = ['lifetime', 'reload', 'stopped'];
  const alarming = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/reason=~?"([\w|]+)"/g)].flatMap(([, it = '']) => it.split('|')),
  );
  expect([...planned, ...alarming].sort()).toEqual([...EXIT_CLASSES].sort());
});

test('prometheus: the configuration for compose differs in the names of the hosts alone', () => {
  const [own, compose] = ['prometheus.yml', 'compose.yml'].map((file) =>
    readFileSync(`${PROMETHEUS_DIR}${file}`, 'utf8').replace(/^(#.*\n)+/, ''),
  );
  expect(compose).toBe(
    own?.replaceAll('localhost:8001', 'snowflake-mcp:8001').replaceAll('localhost:9093', 'alertmanager:9093'),
  );
  const jobs = (parse(own ?? '') as { scrape_configs: { job_name: string }[] }).scrape_configs;
  expect(jobs.map(({ job_name }) => job_name)).toEqual(['snowflake-mcp', 'snowflake-mcp-server']);
});

test('prometheus: in compose the daemon bears the name that Prometheus asks for, or it would answer 403', () => {
  const { services } = parse(readFileSync(`${ROOT}deploy/docker/compose.yaml`, 'utf8')) as {
    services: Record<string, { hostname?: string }>;
  };
  expect(services['snowflake-mcp']?.hostname).toBe('snowflake-mcp');
});

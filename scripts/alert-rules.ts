/**
 * The alert rules of deploy/prometheus as data, and the page that explains them.
 *
 * The rules are written by hand; docs/alerts.md is made from them, so that it tells what Prometheus is really asked.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { tableRow } from '../src/shared/config/reference.ts';

export const PROMETHEUS_DIR = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url));

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string; readonly area: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

interface RuleGroup<T> {
  readonly name: string;
  readonly rules: readonly T[];
}

function rulesOf<T>(file: string): readonly RuleGroup<T>[] {
  const content = parse(readFileSync(`${PROMETHEUS_DIR}rules/${file}`, 'utf8')) as { groups: readonly RuleGroup<T>[] };
  return content.groups;
}

export const alertRules = (): readonly AlertRule[] => rulesOf<AlertRule>('alerts.yml').flatMap(({ rules }) => rules);

export const recordingRules = (): readonly RecordingRule[] =>
  rulesOf<RecordingRule>('recording.yml').flatMap(({ rules }) => rules);

/** Templates of Prometheus as a reader says them: `{{ $labels.worker }}` is "(worker)", a value "N". */
const readable = (text: string): string =>
  text.replace(/\{\{ \$labels\.(\w+) \}\}/g, '($1)').replace(/\{\{ \$value[^}]*\}\}/g, 'N');

export function alertsMarkdown(): string {
  const rows = alertRules().map(({ alert, expr, for: held, labels, annotations }) =>
    tableRow([
      `\`${alert}\``,
      labels.severity,
      `\`${expr.replace(/\s+/g, ' ').trim()}\``,
      held ?? 'at once',
      readable(annotations.description),
      `[${annotations.runbook_url}](../${annotations.runbook_url})`,
    ]),
  );
  const records = recordingRules().map(({ record, expr }) =>
    tableRow([`\`${record}\``, `\`${expr.replace(/\s+/g, ' ').trim()}\``]),
  );
  return `# Alerts

The rules of \`deploy/prometheus/rules\`. *Critical* wakes somebody, *warning* is for the working day. How they reach you:
[monitoring](monitoring.md).

| alert | severity | fires when | held for | what it means | runbook |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Recorded series

| series | is |
| --- | --- |
${records.join('\n')}
`;
}

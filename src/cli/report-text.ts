/** The report of a period as markdown. */
import { formatDuration, formatSize } from '../shared/units.ts';
import type { PeriodFigures } from './period-report.ts';

export interface ServiceFigures {
  readonly version: string;
  readonly health: string;
  readonly uptimeSeconds: number;
  readonly workers: number;
  readonly restartsSinceStart: number;
  readonly sessionsNow: number;
  readonly rssBytes: number;
}

export interface ReportFacts extends PeriodFigures {
  readonly from: string;
  readonly to: string;
  readonly service: ServiceFigures | undefined;
}

export function reportMarkdown(facts: ReportFacts, period: string): string {
  const { durationMs, service } = facts;
  return [
    `# Snowflake MCP: the last ${period}`,
    '',
    `${facts.from} to ${facts.to}; log lines from ${facts.firstLine ?? 'none'} to ${facts.lastLine ?? 'none'}`,
    '',
    ...table('Figure', [
      ['Calls', String(facts.requests)],
      ['Errors', `${facts.errors} (${(facts.errorShare * 100).toFixed(2)} %)`],
      ['Duration p50 / p95 / p99', `${durationMs.p50} / ${durationMs.p95} / ${durationMs.p99} ms`],
      ['Sessions with a call', String(facts.sessions)],
      ['Worker restarts', String(facts.restarts)],
    ]),
    ...section('Calls by tool', facts.requestsByTool),
    ...section('Errors by code', facts.errorsByCode),
    ...section('Restarts by reason', facts.restartsByReason),
    '',
    '## Now',
    '',
    ...(service === undefined ? ['The service is not running.'] : nowRows(service)),
  ].join('\n');
}

function nowRows(service: ServiceFigures): string[] {
  return table('Service', [
    ['Health', service.health],
    ['Version', service.version],
    ['Up for', formatDuration(service.uptimeSeconds * 1000)],
    ['Workers', String(service.workers)],
    ['Restarts since its start', String(service.restartsSinceStart)],
    ['Sessions', String(service.sessionsNow)],
    ['Memory of the workers', formatSize(service.rssBytes)],
  ]);
}

function section(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).map(([name, number]) => [name, String(number)] as const);
  return rows.length === 0 ? [] : ['', `## ${title}`, '', ...table(title.split(' ').at(-1) ?? '', rows)];
}

function table(head: string, rows: readonly (readonly [string, string])[]): string[] {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [`| ${head} | |`, '| --- | ---: |', ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`)];
}

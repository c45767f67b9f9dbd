/**
 * Writes the documents that are made from the tables of the source; `--check` only compares and fails on a difference.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configJsonSchema, configMarkdown, defaultYaml, tableRow } from '../src/shared/config/reference.ts';
import { ERRORS } from '../src/shared/error-table.ts';
import { METRICS, type MetricSpec } from '../src/shared/metrics.ts';
import { alertsMarkdown } from './alert-rules.ts';
import { dashboardFiles } from './dashboards.ts';
import { toolsMarkdown } from './tool-docs.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Path below the package -> content. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'docs/alerts.md': alertsMarkdown(),
    'docs/config.md': configMarkdown(),
    'docs/config.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    'docs/errors.md': errorsMarkdown(),
    'docs/metrics.md': metricsMarkdown(),
    'docs/tools.md': toolsMarkdown(),
    'config/default.yaml': defaultYaml(),
    ...dashboardFiles(),
  };
}

function errorsMarkdown(): string {
  const rows = Object.entries(ERRORS).map(([code, entry]) =>
    tableRow([
      `\`${code}\``,
      String(entry.http),
      entry.retry ? 'yes' : 'no',
      'exit' in entry ? String(entry.exit) : '',
      entry.next.replaceAll(/\b((?:runbooks|docs)\/[\w/-]+\.md)/g, '[$1](../$1)'),
    ]),
  );
  return `# Errors

Every failure has a code of this table; match on the code, its words may change. *HTTP* is the status of an answer and the
\`status\` label of \`mcp_requests_total\`; *retry* tells whether the same call may work later; *exit* is what a command ends
with (1 where none is given). Tools answer \`isError\` with the same code.

| code | HTTP | retry | exit | what to do |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function metricsMarkdown(): string {
  const rows = Object.entries<MetricSpec>(METRICS).map(([name, spec]) =>
    tableRow([
      [name, ...(spec.oldNames ?? [])].map((item) => `\`${item}\``).join(' '),
      spec.kind,
      [...spec.labels, ...(spec.combine === 'worker' ? ['worker'] : [])].map((label) => `\`${label}\``).join(' '),
      spec.source === 'primary' ? 'primary' : COMBINED[spec.combine],
      spec.buckets?.join(' ') ?? '',
      spec.help,
    ]),
  );
  return `# Metrics

Served by the primary on \`/metrics\` (port 8001 by default) for the whole cluster. Counters never fall while the primary
lives, whatever happens to a worker. Names after the first are old ones with the same values. Labels are bounded sets: beyond
\`metrics.max_series\` series of one metric further label values are counted under \`other\`.

| name | kind | labels | measured by | buckets | |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

const COMBINED = {
  sum: 'workers, added up',
  max: 'workers, the largest',
  min: 'workers, the smallest',
  worker: 'each worker',
} as const;

function main(): void {
  const isCheck = process.argv.includes('--check');
  for (const [path, content] of Object.entries(generatedFiles())) {
    const file = `${ROOT}${path}`;
    if (existsSync(file) && readFileSync(file, 'utf8') === content) continue;
    if (isCheck) {
      console.error(`${path} is out of date: run \`npm run docs\``);
      process.exitCode = 1;
    } else {
      writeFileSync(file, content);
      console.log(`written ${path}`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

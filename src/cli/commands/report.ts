/** `report`: the figures of a period out of the logs, and those of the running service, for a review. */
import type { Argv } from 'yargs';
import { EXIT } from '../../shared/exit-codes.ts';
import { formatDuration } from '../../shared/units.ts';
import { logFiles } from '../backup/contents.ts';
import { linesOf } from '../bounded-lines.ts';
import type { Command, SharedArgs } from '../command.ts';
import { type DaemonSources, daemonSources } from '../daemon-sources.ts';
import { type PeriodFigures, PeriodReport } from '../period-report.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { reportMarkdown, type ServiceFigures } from '../report-text.ts';
import { tellWarnings } from '../terminal.ts';
import { span } from '../values.ts';
import { askWorker } from '../worker-client.ts';

interface ReportArgs extends SharedArgs {
  readonly period: number;
  readonly json: boolean;
}

export const reportCommand: Command<ReportArgs> = {
  words: 'report',
  says: 'The figures of a period: calls, errors, durations, sessions, restarts; markdown',
  options: (yargs) =>
    yargs
      .options({
        period: {
          type: 'string',
          default: '30d',
          requiresArg: true,
          coerce: span('--period', '1m', '3650d'),
          describe: 'How far back: 7d, 30d',
        },
        json: JSON_OPTION,
      })
      .example('$0 report --period 30d > review.md', 'for the monthly review') as unknown as Argv<ReportArgs>,
  run: async (args, context) => {
    const { terminal } = context;
    const sources = await daemonSources(args, context);
    const to = Date.now();
    const from = to - args.period;
    const { figures, unread } = await fromLogs(sources, from, to);
    const service = await serviceFigures(sources);
    const facts = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...figures, service };
    const period = formatDuration(args.period);
    terminal.print(args.json ? JSON.stringify(facts, null, 2) : reportMarkdown(facts, period));
    const warnings = unread.map((file) => `not read to its end: ${file}`);
    if (figures.firstLine === undefined)
      warnings.push(`there are no log lines of this period in ${sources.paths.logDir}`);
    tellWarnings(terminal, warnings);
    return EXIT.ok;
  },
};

/** From application.log, which has the lines of all; without it from the files of the daemon and of each worker. */
async function fromLogs(
  { paths }: DaemonSources,
  from: number,
  to: number,
): Promise<{ figures: PeriodFigures; unread: string[] }> {
  const { files, tooMuch } = logFiles(paths, from);
  const merged = files.filter(({ path }) => path.startsWith('logs/application.log'));
  const all = files.filter(({ path }) => !path.startsWith('logs/audit.log'));
  const period = new PeriodReport(from, to);
  const unread = [...tooMuch];
  for (const { file } of merged.length > 0 ? merged : all) {
    try {
      for await (const line of linesOf(file)) period.take(line);
    } catch {
      unread.push(file);
    }
  }
  return { figures: period.figures(), unread };
}

/** Undefined while no service runs. */
async function serviceFigures({ found, paths }: DaemonSources): Promise<ServiceFigures | undefined> {
  if (found.kind !== 'running') return undefined;
  const { status } = found;
  const answer = await askWorker(paths, { method: 'GET', path: '/health' }).catch(() => undefined);
  const health = (answer?.body as { status?: string } | undefined)?.status ?? 'silent';
  return {
    version: status.version,
    health,
    uptimeSeconds: Math.round(status.uptimeSeconds),
    workers: status.workers.length,
    restartsSinceStart: status.workers.reduce((sum, { restarts }) => sum + restarts, 0),
    sessionsNow: status.workers.reduce((sum, { sessions }) => sum + sessions, 0),
    rssBytes: status.workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

/**
 * `health`: one line and an exit code for monitoring, as Nagios wants them: 0 ok, 1 warning, 2 critical, 3 unknown.
 *
 * Also the HEALTHCHECK of a container, so it asks only this machine and ends soon: Snowflake being away is a warning,
 * since no restart would help.
 */
import pc from 'picocolors';
import type { ExitCode } from '../../shared/exit-codes.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { type Command, pathsOf, type SharedArgs } from '../command.ts';
import { findDaemon } from '../daemon.ts';
import { type DetailedHealth, type HealthVerdict, healthVerdict, NAGIOS, type Seen } from '../health-verdict.ts';
import { leastOf, samplesOf } from '../metric-samples.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { askWorkerFor } from '../worker-client.ts';

interface HealthArgs extends SharedArgs {
  readonly json: boolean;
  readonly quiet: boolean;
}

const ANSWER_MS = 4000;
const FIGURES = ['mcp_certificate_expiry_seconds', 'mcp_key_expiry_seconds', 'mcp_disk_free_ratio'] as const;

export const healthCommand: Command<HealthArgs> = {
  words: 'health',
  says: 'Tells in one line how the service is; exit 0 ok, 1 warning, 2 critical, 3 unknown, as Nagios wants it',
  options: (yargs) =>
    yargs
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'The exit code alone' })
      .option('json', JSON_OPTION)
      .example('$0 health --quiet || page-somebody', 'in a cron job'),
  run: async (args, context) => {
    const { terminal } = context;
    let seen: Seen | undefined;
    let verdict: HealthVerdict;
    try {
      seen = await look(pathsOf(args, context));
      verdict = healthVerdict(seen);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      verdict = { level: 'unknown', reasons: [reason], next: '`snowflake-mcp-daemon doctor`' };
    }
    if (args.json) terminal.print(JSON.stringify({ ...verdict, ...detailOf(seen) }, null, 2));
    else if (!args.quiet) {
      terminal.print(line(verdict, seen));
      if (verdict.next !== undefined) terminal.note(`Next: ${verdict.next}`);
    }
    return NAGIOS[verdict.level] as ExitCode;
  },
};

async function look(paths: DaemonPaths): Promise<Seen> {
  const found = await findDaemon(paths);
  if (found.kind === 'none') return { kind: 'none' };
  if (found.kind === 'silent') return { kind: 'silent', pid: found.process.pid };
  const get = <Body>(path: string) => askWorkerFor<Body>(paths, { method: 'GET', path, timeoutMs: ANSWER_MS });
  const [detail, text] = await Promise.all([
    get<DetailedHealth>('/health/detailed').catch(() => undefined),
    get<string>('/metrics').catch(() => ''),
  ]);
  const samples = samplesOf(text, FIGURES);
  return {
    kind: 'running',
    status: found.status,
    detail,
    figures: {
      certificateSeconds: leastOf(samples, 'mcp_certificate_expiry_seconds') ?? Number.POSITIVE_INFINITY,
      keySeconds: leastOf(samples, 'mcp_key_expiry_seconds') ?? Number.POSITIVE_INFINITY,
      diskFree: leastOf(samples, 'mcp_disk_free_ratio') ?? 1,
    },
  };
}

const COLOURS = { ok: pc.green, warning: pc.yellow, critical: pc.red, unknown: pc.magenta } as const;

/** With performance data after the bar, as Nagios plugins write it. */
function line({ level, reasons }: HealthVerdict, seen: Seen | undefined): string {
  const text = `${COLOURS[level](level.toUpperCase())} - ${reasons.join('; ')}`;
  if (seen?.kind !== 'running') return text;
  const { status, detail } = seen;
  const ready = status.workers.filter(({ state }) => state === 'ready').length;
  const rss = status.workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  const data = [
    `workers=${ready};;;0;${status.workers.length}`,
    `sessions=${detail?.sessions.active ?? 0}`,
    `pool=${detail?.connection_pool.active ?? 0};;;0;${detail?.connection_pool.max ?? 0}`,
    `waiting=${detail?.connection_pool.waiting ?? 0}`,
    `memory=${rss}B`,
    `uptime=${Math.round(status.uptimeSeconds)}s`,
  ];
  return `${text} | ${data.join(' ')}`;
}

function detailOf(seen: Seen | undefined) {
  if (seen?.kind !== 'running') return { state: seen?.kind === 'none' ? 'stopped' : (seen?.kind ?? 'unknown') };
  const { pid, version, uptimeSeconds, workers } = seen.status;
  return {
    state: seen.status.state,
    pid,
    version,
    uptime_seconds: uptimeSeconds,
    workers: { ready: workers.filter(({ state }) => state === 'ready').length, all: workers.length },
    detail: seen.detail ?? null,
  };
}

/** `setup-monitoring`: gives Prometheus our job and rules, Grafana the dashboards, Alertmanager a configuration to begin with. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { AppError } from '../../shared/errors.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { packageFile } from '../../shared/package-files.ts';
import { stampOf } from '../backup/archive-name.ts';
import { writeFault } from '../backup/make.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { daemonSources } from '../daemon-sources.ts';
import { swapFiles } from '../file-swap.ts';
import { grafanaAt } from '../grafana-client.ts';
import { JOBS, type Job, withOurJobs } from '../prometheus-config.ts';
import { UsageError } from '../values.ts';

interface MonitoringArgs extends SharedArgs {
  readonly 'prometheus-dir'?: string | undefined;
  readonly 'alertmanager-dir'?: string | undefined;
  readonly 'grafana-url'?: string | undefined;
  readonly 'grafana-token-file'?: string | undefined;
  readonly 'prometheus-url': string;
  readonly runbooks?: string | undefined;
  readonly target?: readonly string[] | undefined;
  readonly job?: readonly Job[] | undefined;
  readonly 'dry-run': boolean;
}

interface NewFile {
  readonly target: string;
  readonly text: string;
  readonly says: string;
}

const DATASOURCE = { uid: 'snowflake-mcp-prometheus', name: 'Snowflake MCP Prometheus' };
const FOLDER = { uid: 'snowflake-mcp', title: 'Snowflake MCP' };
const RULES = 'rules/snowflake-mcp-*.yml';
/** Where an Alertmanager that is set up beside Prometheus listens. */
const ALERTMANAGER = 'localhost:9093';

export const setupMonitoringCommand: Command<MonitoringArgs> = {
  words: 'setup-monitoring',
  says: 'Sets up what is named: Prometheus (job and rules), Alertmanager, Grafana (data source and dashboards)',
  options: (yargs) =>
    yargs
      .options({
        'prometheus-dir': { type: 'string', requiresArg: true, describe: 'Its configuration, such as /etc/prometheus' },
        'alertmanager-dir': {
          type: 'string',
          requiresArg: true,
          describe: 'Its configuration, such as /etc/alertmanager',
        },
        'grafana-url': { type: 'string', requiresArg: true, describe: 'Its address, such as http://localhost:3000' },
        'grafana-token-file': { type: 'string', requiresArg: true, describe: 'File with a token of a service account' },
        'prometheus-url': {
          type: 'string',
          default: 'http://localhost:9090',
          requiresArg: true,
          describe: 'Where Grafana finds Prometheus',
        },
        target: {
          type: 'string',
          array: true,
          requiresArg: true,
          coerce: (given: readonly string[]) => given.map(requireTarget),
          describe: 'host:port of the metrics of a daemon, one or more (those of the daemon of this machine)',
        },
        job: {
          choices: JOBS,
          array: true,
          requiresArg: true,
          describe: 'Name of the job in Prometheus (what is there already, else both)',
        },
        runbooks: {
          type: 'string',
          requiresArg: true,
          describe:
            'Where your people read the pages of runbooks/, for the links in alerts (the files of this package)',
        },
        'dry-run': { type: 'boolean', default: false, describe: 'Tell what would be done' },
      })
      .example(
        '$0 setup-monitoring --prometheus-dir /etc/prometheus --dry-run',
        'what would be written there',
      ) as unknown as Argv<MonitoringArgs>,
  run: async (args, context) => {
    const { 'prometheus-dir': prometheus, 'alertmanager-dir': alertmanager, 'grafana-url': grafana } = args;
    if ([prometheus, alertmanager, grafana].every((it) => it === undefined)) {
      throw new UsageError('name at least one of --prometheus-dir, --alertmanager-dir and --grafana-url');
    }
    const isHttp = [grafana, args['prometheus-url'], args.runbooks].every(
      (url) => url === undefined || /^https?:\/\/[^\s@]+$/.test(url),
    );
    if (!isHttp) throw new UsageError('addresses begin with http:// or https:// and carry no credentials');
    const targets = args.target ?? [await metricsTarget(args, context)];
    const dir = (path: string) => requireDirectory(resolve(context.cwd, path));
    const files = [
      ...(prometheus === undefined ? [] : prometheusFiles(dir(prometheus), targets, args)),
      ...(alertmanager === undefined ? [] : alertmanagerFiles(dir(alertmanager))),
    ];
    writeFiles(files, args['dry-run'], context);
    if (grafana !== undefined) await setUpGrafana(grafana, args, context);
    if (files.length > 0 && !args['dry-run']) {
      context.terminal.note('Next: `promtool check config` and `amtool check-config`, then reload the programs');
      if (prometheus !== undefined && !targets.every(isLocal)) {
        context.terminal.note(
          'A daemon that other machines reach may ask for metrics.token: docs/monitoring.md, Prometheus',
        );
      }
    }
    return EXIT.ok;
  },
};

function requireTarget(text: string): string {
  if (/^([\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i.test(text)) return text;
  throw new UsageError(`--target wants host:port, such as db1.example.com:8001, not ${text}`);
}

const isLocal = (target: string) => /^(localhost|127\.|\[::1\])/.test(target);

/** Of the running daemon, else the standard one. */
async function metricsTarget(args: SharedArgs, context: Context): Promise<string> {
  const { found } = await daemonSources(args, context);
  return found.kind === 'running' ? new URL(found.status.metricsUrl).host : 'localhost:8001';
}

function requireDirectory(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new AppError('PATH_UNUSABLE', { what: 'directory', path, reason: 'there is no such directory' });
}

function prometheusFiles(dir: string, targets: readonly string[], args: MonitoringArgs): NewFile[] {
  const source = packageFile('deploy/prometheus/rules/');
  const rules = readdirSync(source).map((name) => ({
    target: join(dir, 'rules', `snowflake-mcp-${name}`),
    text: withRunbooksAt(args.runbooks ?? packageFile('runbooks'), readFileSync(join(source, name), 'utf8')),
    says: 'rules',
  }));
  const main = join(dir, 'prometheus.yml');
  const before = existsSync(main) ? readFileSync(main, 'utf8') : 'global:\n  scrape_interval: 15s\n';
  try {
    const alertmanager = args['alertmanager-dir'] === undefined ? undefined : ALERTMANAGER;
    const { text, added } = withOurJobs(before, { targets, jobs: args.job, rules: RULES, alertmanager });
    return added.length === 0 ? rules : [...rules, { target: main, text, says: added.join(', ') }];
  } catch (error) {
    throw new AppError('MONITORING_FAILED', { what: main, reason: (error as Error).message }, { cause: error });
  }
}

/** The page that an alert names, where somebody who is woken can open it: the daemon may be down. */
function withRunbooksAt(place: string, rules: string): string {
  const base = place.replace(/\/+$/, '');
  return rules.replace(/(runbook_url: )runbooks\/(\S+)/g, (_all, key: string, page: string) => {
    return `${key}${JSON.stringify(`${base}/${page}`)}`;
  });
}

/** Who is told of what is the owner's: a configuration that is there stays. */
function alertmanagerFiles(dir: string): NewFile[] {
  const target = join(dir, 'alertmanager.yml');
  const text = readFileSync(packageFile('deploy/prometheus/alertmanager.yml'), 'utf8');
  if (existsSync(target) && readFileSync(target, 'utf8').trim() !== '') {
    return [
      { target: `${target}.snowflake-mcp`, text, says: 'for you to take receivers from; yours is left as it is' },
    ];
  }
  return [{ target, text, says: 'put your own addresses in before you start it' }];
}

function writeFiles(files: readonly NewFile[], isDryRun: boolean, { terminal }: Context): void {
  const changed = files.filter(({ target, text }) => !existsSync(target) || readFileSync(target, 'utf8') !== text);
  const told = new Set(changed);
  for (const file of files) {
    const verb = told.has(file) ? (isDryRun ? 'would write' : 'writes') : 'is there already:';
    terminal.print(`${verb} ${file.target} (${file.says})`);
  }
  if (isDryRun || changed.length === 0) return;
  const scratch = mkdtempSync(join(tmpdir(), 'snowflake-mcp-'));
  try {
    const changes = changed.map(({ target, text }, index) => {
      const source = join(scratch, String(index));
      writeFileSync(source, text, { mode: 0o644 });
      return { target, source, mode: 0o644 };
    });
    for (const { kept } of swapFiles(changes, stampOf(new Date())).kept)
      terminal.print(`  kept the old one as ${kept}`);
  } catch (error) {
    throw new AppError('MONITORING_FAILED', { what: 'The files', reason: writeFault(error) }, { cause: error });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function setUpGrafana(url: string, args: MonitoringArgs, { terminal, cwd }: Context): Promise<void> {
  const dir = packageFile('deploy/grafana/dashboards/');
  const dashboards = readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as { title?: string });
  const names = dashboards.map(({ title }) => title ?? 'untitled').join(', ');
  if (args['dry-run']) return terminal.print(`would set up in Grafana: ${DATASOURCE.name}, dashboards ${names}`);
  const grafana = grafanaAt(url, authorizationOf(args['grafana-token-file'], cwd));
  await grafana.putDatasource({ ...DATASOURCE, url: args['prometheus-url'] });
  await grafana.putFolder(FOLDER.uid, FOLDER.title);
  for (const dashboard of dashboards) await grafana.putDashboard(dashboard as Record<string, unknown>, FOLDER.uid);
  terminal.print(`set up in Grafana: ${DATASOURCE.name}, dashboards ${names}`);
}

function authorizationOf(file: string | undefined, cwd: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    const token = readFileSync(resolve(cwd, file), 'utf8').trim();
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('it holds no token of one line');
    return `Bearer ${token}`;
  } catch (error) {
    throw new AppError('PATH_UNUSABLE', { what: 'file of the token', path: file, reason: writeFault(error) });
  }
}

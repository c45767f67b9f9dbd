/**
 * `doctor`: looks at everything that has to be right for the daemon to run, without starting or stopping anything. Each
 * finding says what to do; --fix does what cannot hurt.
 */
import pc from 'picocolors';
import { usableProcessors } from '../../shared/cgroup.ts';
import { loadLocation } from '../../shared/config/load.ts';
import type { Config } from '../../shared/config/schema.ts';
import { toAppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { type DaemonPaths, daemonPaths } from '../../shared/paths.ts';
import { VERSION } from '../../shared/version.ts';
import { type Command, type Context, pathsOf, type SharedArgs, specOf } from '../command.ts';
import type { Found } from '../daemon.ts';
import { type DaemonSources, daemonSources } from '../daemon-sources.ts';
import { checkConfig, checkExpiry, checkPermissions } from '../doctor/config-checks.ts';
import { checkDaemon } from '../doctor/daemon-checks.ts';
import { countsOf, error, type Finding, ok, warning } from '../doctor/finding.ts';
import * as machine from '../doctor/machine.ts';
import { diskFacts, memoryFacts, packageVersion, softLimit } from '../doctor/machine-facts.ts';
import { networkFindings, networkTarget } from '../doctor/network.ts';
import { probeNetwork } from '../doctor/network-probe.ts';
import { JSON_OPTION } from '../plain-table.ts';

interface DoctorArgs extends SharedArgs {
  readonly json: boolean;
  readonly fix: boolean;
  readonly demo?: boolean | undefined;
}

export const doctorCommand: Command<DoctorArgs> = {
  words: 'doctor',
  says: 'Looks at everything the daemon needs and says what to do (exit 69 when Snowflake is out of reach)',
  options: (yargs) =>
    yargs
      .options({
        fix: {
          type: 'boolean',
          default: false,
          describe: 'Remove what a dead daemon left; replace the connections of a pool that is stuck',
        },
        demo: { type: 'boolean', describe: 'As for start --demo: no credentials, no network' },
        json: JSON_OPTION,
      })
      .example('$0 doctor --fix', 'after a crash of the machine') as never,
  run: async (args, context) => {
    const progress = context.terminal.progress('Looking');
    try {
      const { findings, isConfigBad } = await examine(args, context);
      progress.done();
      tell(findings, args.json, context);
      return exitOf(findings, isConfigBad);
    } finally {
      progress.done();
    }
  },
};

async function examine(args: DoctorArgs, context: Context) {
  const { sources, faults } = await look(args, context);
  const { found } = sources;
  const spec = specFor(args, sources, context);
  const { findings: ofConfig, loaded } = checkConfig(spec, context.env);
  // What is wrong in one section is no reason not to look at the others.
  const config = loaded?.config ?? (loadLocation(spec, context.env).config as Config);
  const paths = daemonPaths(config, spec.cwd, context.env);
  const isConfigBad = ofConfig.some(({ level }) => level === 'error');
  const [ofDaemon, ofNetwork] = await Promise.all([
    faults ?? checkDaemon(sources.paths, found, config, args.fix),
    spec.demo ? [] : checkNetwork(config, context),
  ]);
  const findings = [
    ...ofConfig,
    ...attempt('permissions', () => checkPermissions(config, paths.keysFile, spec.cwd)),
    ...checkExpiry(config, paths.keysFile, new Date()),
    ...ofNetwork,
    ...ofDaemon,
    ...attempt('machine', () => checkMachine(config, paths, found)),
    ...checkVersions(spec.demo),
  ];
  return { findings, isConfigBad };
}

type Sources = Pick<DaemonSources, 'found' | 'paths' | 'spec'>;

/** A daemon of another user is a finding, and everything else can still be looked at. */
async function look(args: DoctorArgs, context: Context): Promise<{ sources: Sources; faults?: Finding[] }> {
  try {
    return { sources: await daemonSources(args, context) };
  } catch (thrown) {
    const { message, next } = toAppError(thrown, 'the search for the daemon').toBody();
    const sources = {
      found: { kind: 'none' },
      paths: pathsOf(args, context),
      spec: specOf({ ...args }, context),
    } as const;
    return { sources, faults: [error('pid', message, next)] };
  }
}

/** What the daemon is started with, unless another file is named here. */
function specFor(args: DoctorArgs, { spec }: Sources, context: Context): LaunchSpec {
  if (args.config !== undefined) return specOf({ ...args }, context);
  return { ...spec, demo: args.demo ?? spec.demo };
}

async function checkNetwork({ snowflake }: Config, { env }: Context): Promise<Finding[]> {
  const target = networkTarget(snowflake ?? {}, env);
  return target === undefined ? [] : networkFindings(target, await probeNetwork(target));
}

function attempt(check: string, look: () => Finding[]): Finding[] {
  try {
    return look();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return [warning(check, `could not be looked at: ${reason}`, 'Run it as the user of the daemon, or as root.')];
  }
}

function checkMachine({ server, pool, workers }: Config, paths: DaemonPaths, found: Found): Finding[] {
  const needs = {
    workers: found.kind === 'running' ? found.status.workers.length : Number(workers.count) || usableProcessors(),
    maxConnections: server.max_connections,
    poolMax: pool.max_size,
    memoryLimitBytes: workers.max_memory_restart,
  };
  // The limits of a daemon that runs are its own, not those of this shell.
  const pid = found.kind === 'none' ? 'self' : found.process.pid;
  const { availableBytes, totalBytes } = memoryFacts();
  // Of places on one disk the one that fills it is named.
  const disks = [paths.runDir, paths.stateDir, paths.logDir].map(diskFacts);
  const perDevice = [...new Map(disks.map((disk) => [disk.device, disk])).values()];
  return [
    machine.filesFinding(softLimit('Max open files', pid), needs),
    machine.processesFinding(softLimit('Max processes', pid), needs),
    machine.memoryFinding(availableBytes, totalBytes, needs, found.kind === 'running'),
    ...perDevice.map(({ path, freeBytes, freeRatio, freeInodes }) =>
      machine.diskFinding(path, freeBytes, freeRatio, freeInodes),
    ),
  ];
}

/** Packages that are loaded when they are needed, and would fail only then. */
const PACKAGES = ['snowflake-sdk', 'lmdb'] as const;
const ENGINE = '@duckdb/node-api';

function checkVersions(isDemo: boolean): Finding[] {
  const packages = PACKAGES.map((name) => {
    const version = packageVersion(name);
    if (version !== undefined) return ok('packages', `${name} ${version}`);
    return error('packages', `${name} is not installed`, 'Install snowflake-mcp-daemon again (`npm ci`).');
  });
  const engine = packageVersion(ENGINE);
  const next = 'Install the optional package (`npm install --include=optional`).';
  const missing = isDemo ? [error('packages', `${ENGINE} is not installed, --demo needs it`, next)] : [];
  return [
    machine.nodeFinding(process.versions.node),
    ok('version', `snowflake-mcp-daemon ${VERSION}`),
    ...packages,
    ...(engine === undefined ? missing : [ok('packages', `${ENGINE} ${engine}`)]),
  ];
}

const MARKS = { ok: pc.green('ok     '), warning: pc.yellow('warning'), error: pc.red('error  ') } as const;

function tell(findings: readonly Finding[], isJson: boolean, { terminal }: Context): void {
  const counts = countsOf(findings);
  if (isJson) {
    const shown = findings.map(({ isSnowflake: _, ...finding }) => finding);
    terminal.print(JSON.stringify({ ...counts, findings: shown }, null, 2));
    return;
  }
  for (const { check, level, text, next, fixed } of findings) {
    terminal.print(`${fixed === undefined ? MARKS[level] : pc.green('fixed  ')} ${check.padEnd(12)} ${text}`);
    if (fixed !== undefined) terminal.print(`${' '.repeat(21)}${fixed}`);
    else if (next !== undefined) terminal.print(`${' '.repeat(21)}${pc.bold('Next:')} ${next}`);
  }
  terminal.print(`${counts.error} errors, ${counts.warning} warnings, ${counts.ok} ok`);
}

export function exitOf(findings: readonly Finding[], isConfigBad: boolean): ExitCode {
  if (isConfigBad) return EXIT.config;
  if (findings.some(({ level, isSnowflake }) => level === 'error' && isSnowflake)) return EXIT.snowflakeUnreachable;
  return findings.some(({ level }) => level === 'error') ? EXIT.failed : EXIT.ok;
}

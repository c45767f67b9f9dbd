/**
 * The daemon as a service of systemd: its start, stop and restart are systemd's to do, so that it stays one service.
 *
 * Only root hands over. A command that runs inside the service itself (an ExecStop= of somebody) does not: it would
 * wait for its own end.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvFile, type Variables } from '../shared/config/env-file.ts';
import { EXIT, type ExitCode } from '../shared/exit-codes.ts';
import type { LaunchSpec } from '../shared/launch.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import type { Context } from './command.ts';
import { MARK, SERVICE_PATHS, UNIT } from './service-files.ts';
import { isRoot, isSystemdRunning, readText, runProgram } from './service-host.ts';

const RUN_DIR = '/run/snowflake-mcp';

/** The unit whose service this process is; undefined when systemd is not to be asked. */
export function unitOf(pid: number): string | undefined {
  if (!isRoot() || !isSystemdRunning()) return undefined;
  const unit = unitName(pid);
  return unit === unitName(process.pid) ? undefined : unit;
}

/** What the installed service is started from, as its unit says. */
interface InstalledUnit {
  readonly spec: LaunchSpec;
  /** Of its account. */
  readonly group: string;
}

/** Undefined when none was installed here, or these are the paths of another daemon. Drop-ins are not looked at. */
export function installedUnit(paths: Pick<DaemonPaths, 'runDir'>): InstalledUnit | undefined {
  const text = paths.runDir === RUN_DIR ? readText(SERVICE_PATHS.unit) : undefined;
  if (!text?.startsWith(MARK)) return undefined;
  const wordOf = (name: string) => new RegExp(`^${name}=-?(.*)$`, 'm').exec(text)?.[1] ?? '';
  const [configFile, environment] = ['--config', '--env'].map(
    (flag) => new RegExp(` ${flag} (\\S+)`).exec(wordOf('ExecStart'))?.[1],
  );
  const named = {
    ...(configFile === undefined ? {} : { configFile }),
    ...(environment === undefined ? {} : { environment }),
  };
  const spec = { cwd: wordOf('WorkingDirectory'), ...named, flags: {}, demo: false, detached: false };
  return { spec, group: wordOf('Group') };
}

/** True when a start without any flag of its own means the installed service. */
export function isUnitStart(spec: LaunchSpec, paths: DaemonPaths): boolean {
  const isPlain = spec.detached && !spec.demo && Object.keys(spec.flags).length === 0;
  const hasSources = spec.configFile !== undefined || spec.environment !== undefined;
  const isHere = isRoot() && isSystemdRunning() && paths.runDir === RUN_DIR && unitName(process.pid) === undefined;
  return isPlain && !hasSources && isHere && readText(SERVICE_PATHS.unit)?.startsWith(MARK) === true;
}

/** @throws AppError SERVICE_COMMAND */
export function startUnit({ terminal }: Context): ExitCode {
  return tell('start', UNIT, terminal, `Daemon started by systemd (${UNIT})`);
}

/** With the words that scripts know. @throws AppError SERVICE_COMMAND */
export function stopUnit(unit: string, { terminal }: Context): ExitCode {
  return tell('stop', unit, terminal, 'Daemon stopped successfully');
}

/** @throws AppError SERVICE_COMMAND */
export function restartUnit(unit: string, { terminal }: Context): ExitCode {
  return tell('restart', unit, terminal, `Daemon restarted by systemd (${unit})`);
}

function tell(verb: string, unit: string, terminal: Context['terminal'], done: string): ExitCode {
  const progress = terminal.progress(`systemctl ${verb} ${unit}`);
  try {
    runProgram(['systemctl', verb, unit]);
  } finally {
    progress.done();
  }
  terminal.print(done);
  return EXIT.ok;
}

/**
 * What systemd gives to the service beside `.env`, whose variables it hands over too and which is read anew at a start.
 * Undefined when it cannot be seen.
 * @throws AppError CONFIG_UNREADABLE for `.env`
 */
export function environmentOfUnit(pid: number, cwd: string): Variables | undefined {
  const own = readEnvFile(join(cwd, '.env'))?.variables ?? {};
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const given = pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    return Object.fromEntries(given.filter(([name = '']) => name !== '' && !(name in own)));
  } catch {
    return undefined;
  }
}

/** The name of our unit in the control groups of a process (cgroups(7)). */
function unitName(pid: number): string | undefined {
  try {
    return /\/(snowflake-mcp[\w@.-]*\.service)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

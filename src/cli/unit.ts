/**
 * The daemon as a service of systemd: its start, stop and restart are systemd's to do, so that it stays one service.
 *
 * Only root hands over. A command that runs inside the service itself (an ExecStop= of somebody) does not: it would
 * wait for its own end.
 */
import { readFileSync } from 'node:fs';
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

/** The name of our unit in the control groups of a process (cgroups(7)). */
function unitName(pid: number): string | undefined {
  try {
    return /\/(snowflake-mcp[\w@.-]*\.service)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

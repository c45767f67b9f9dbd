/** The daemon that a command is about, running or not: its files and the sources of its configuration. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadLocation } from '../shared/config/load.ts';
import type { LaunchSpec } from '../shared/launch.ts';
import { recallLaunch } from '../shared/launch-file.ts';
import { type DaemonPaths, daemonPaths } from '../shared/paths.ts';
import { type Context, pathsOf, type SharedArgs, specOf } from './command.ts';
import { type Found, findDaemon } from './daemon.ts';
import { installedUnit } from './unit.ts';

export interface DaemonSources {
  readonly found: Found;
  readonly paths: DaemonPaths;
  /** What is given, over what the running daemon was started with, or would be by its unit. */
  readonly spec: LaunchSpec;
  /** The file of the configuration, undefined when there is none. */
  readonly configFile: string | undefined;
}

export const DEFAULT_CONFIG_FILE = 'snowflake-mcp.yaml';

export async function daemonSources(args: SharedArgs, context: Context): Promise<DaemonSources> {
  const first = pathsOf(args, context);
  const found = await findDaemon(first);
  const given = specOf({ ...args }, context);
  const atRest = hasSources(given) ? undefined : installedUnit(first)?.spec;
  const known = found.kind === 'none' ? atRest : recallLaunch(first, found.process.pid);
  const spec = { ...known, ...given, ...merged(known, given) };
  const paths = daemonPaths(loadLocation(spec, context.env).config, spec.cwd, context.env);
  const standard = join(spec.cwd, DEFAULT_CONFIG_FILE);
  const configFile = spec.configFile ?? (existsSync(standard) ? standard : undefined);
  return { found, paths, spec, configFile };
}

/**
 * For commands about a configuration that may not be in use yet: one that is named, or stands where the command is run, is
 * meant; else that of the daemon.
 */
export async function configSources(args: SharedArgs, context: Context): Promise<LaunchSpec> {
  const given = specOf({ ...args }, context);
  if (given.configFile !== undefined || hasSources(given)) return given;
  try {
    return (await daemonSources(args, context)).spec;
  } catch {
    // The daemon of another user.
    return given;
  }
}

/** Something to read stands in the directory where the command is run. */
function hasSources({ cwd }: LaunchSpec): boolean {
  return ['.env', DEFAULT_CONFIG_FILE].some((name) => existsSync(join(cwd, name)));
}

function merged(known: LaunchSpec | undefined, given: LaunchSpec): Pick<LaunchSpec, 'cwd' | 'flags' | 'demo'> {
  return {
    cwd: known?.cwd ?? given.cwd,
    flags: { ...known?.flags, ...given.flags },
    demo: given.demo || (known?.demo ?? false),
  };
}

/**
 * The door to file changes, for development: tells once when files have changed and then been left alone for a second.
 *
 * Directories are watched with all they hold, except node_modules, .git, what the caller names and what `ignore` matches:
 * a name anywhere in the path, a path, or a pattern with `*`. A machine that has no watches left is told and does without.
 */
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import type { FSWatcher } from 'chokidar';

const QUIET_MS = 1000;
const ALWAYS_IGNORED = ['node_modules', '.git'];

export interface WatchOptions {
  readonly paths: readonly string[];
  readonly ignore: readonly string[];
  /** Files and directories of the daemon itself, absolute. */
  readonly own: readonly string[];
  readonly workingDir: string;
  readonly later: (ms: number, then: () => void) => () => void;
  /** The watch stands; in a large directory that takes a while. */
  readonly onReady: () => void;
  /** Told a path of the change. */
  readonly onChange: (path: string) => void;
  readonly onError: (reason: string) => void;
}

export async function startFileWatch(options: WatchOptions): Promise<{ close(): Promise<void> }> {
  const { watch } = await import('chokidar');
  const { workingDir, later } = options;
  const isIgnored = createIgnore(options.ignore, options.own, workingDir);
  const watcher: FSWatcher = watch(
    options.paths.map((path) => resolve(workingDir, path)),
    { ignored: (path) => isIgnored(path), ignoreInitial: true },
  );
  let callOff = () => {};
  watcher.on('all', (_event, path) => {
    callOff();
    callOff = later(QUIET_MS, () => options.onChange(relative(workingDir, path) || path));
  });
  watcher.on('error', (error) => options.onError(error instanceof Error ? error.message : String(error)));
  watcher.once('ready', options.onReady);
  return {
    close: async () => {
      callOff();
      await watcher.close();
    },
  };
}

/** Whether a path is not watched. */
export function createIgnore(
  ignore: readonly string[],
  own: readonly string[],
  workingDir: string,
): (path: string) => boolean {
  const names = [...ALWAYS_IGNORED, ...ignore.filter((entry) => !entry.includes('*') && !entry.includes('/'))];
  const places = [...own, ...ignore.filter((entry) => !entry.includes('*') && entry.includes('/'))].map((entry) =>
    resolve(workingDir, entry),
  );
  const patterns = ignore.filter((entry) => entry.includes('*')).map(patternOf);
  return (path) => {
    const inside = isAbsolute(path) ? relative(workingDir, path) : path;
    if (inside.split(sep).some((part) => names.includes(part))) return true;
    const whole = resolve(workingDir, path);
    if (places.some((place) => whole === place || whole.startsWith(place + sep))) return true;
    return patterns.some((pattern) => pattern.test(inside) || pattern.test(basename(path)));
  };
}

/** `*` is any part of a name, `**` any part of a path. */
function patternOf(glob: string): RegExp {
  const parts = glob.replace(/^\.\//, '').split(/(\*\*\/?|\*)/);
  const source = parts.map((part) => {
    if (part === '*') return '[^/]*';
    return part.startsWith('**') ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`);
}

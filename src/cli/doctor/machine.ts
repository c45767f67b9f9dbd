/** What the machine must have for a daemon of a given size. Pure: values in, findings out. */
import { formatDuration, formatSize } from '../../shared/units.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const MB = 1024 * 1024;
/** Sockets of the primary and room for files. */
const OWN_FILES = 200;
const OWN_THREADS = 64;
const THREADS_PER_WORKER = 24;
/** What a worker takes before it has done anything. */
const WORKER_BYTES = 120 * MB;

export interface Needs {
  readonly workers: number;
  readonly maxConnections: number;
  readonly poolMax: number;
  readonly memoryLimitBytes: number;
}

/** @param soft undefined without a limit */
export function filesFinding(soft: number | undefined, needs: Needs): Finding {
  const wanted = needs.maxConnections + needs.poolMax * 2 + OWN_FILES;
  if (soft === undefined || soft >= wanted)
    return ok('nofile', `open files: ${soft ?? 'no limit'}, ${wanted} needed at most`);
  const next = 'Raise it: LimitNOFILE= in the unit, `ulimit -n`, or lower server.max_connections.';
  const text = `open files: ${soft} for each process, a worker with all its connections needs ${wanted}`;
  return soft < OWN_FILES ? error('nofile', text, next) : warning('nofile', text, next);
}

export function processesFinding(soft: number | undefined, needs: Needs): Finding {
  const wanted = needs.workers * THREADS_PER_WORKER + OWN_THREADS;
  if (soft === undefined || soft >= wanted) return ok('nproc', `processes and threads: ${soft ?? 'no limit'}`);
  const next = 'Raise it: LimitNPROC= or TasksMax= in the unit, `ulimit -u`, or start fewer workers.';
  return error('nproc', `processes and threads: ${soft}, ${needs.workers} workers need ${wanted}`, next);
}

/** @param availableBytes that can be had now, of the machine or its control group */
export function memoryFinding(availableBytes: number, totalBytes: number, needs: Needs, isRunning: boolean): Finding {
  const least = isRunning ? WORKER_BYTES : needs.workers * WORKER_BYTES;
  const most = needs.workers * needs.memoryLimitBytes;
  const text = `memory: ${formatSize(availableBytes)} free of ${formatSize(totalBytes)}`;
  const next = 'Start fewer workers (workers.count), lower workers.max_memory_restart, or give it more memory.';
  if (availableBytes < least) return error('memory', `${text}; ${formatSize(least)} are needed`, next);
  if (most > totalBytes) {
    const beyond = `${needs.workers} workers may take ${formatSize(needs.memoryLimitBytes)} each before they are replaced`;
    return warning('memory', `${text}; ${beyond}`, next);
  }
  return ok('memory', text);
}

const DISK_WARNING = 0.1;
const DISK_ERROR = 0.02;
const DISK_LEAST_BYTES = 100 * MB;

export function diskFinding(path: string, freeBytes: number, freeRatio: number, freeInodes: number): Finding {
  const text = `disk: ${formatSize(freeBytes)} (${Math.round(freeRatio * 100)}%) free at ${path}`;
  const next = 'Make room, or lower logging.max_files; runbooks/disk-full.md.';
  if (freeInodes < 0.01) return error('disk', `disk: no more files fit at ${path} (inodes)`, next);
  if (freeRatio < DISK_ERROR || freeBytes < DISK_LEAST_BYTES / 2) return error('disk', text, next);
  return freeRatio < DISK_WARNING || freeBytes < DISK_LEAST_BYTES ? warning('disk', text, next) : ok('disk', text);
}

const NODE_LEAST = [20, 19] as const;

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1]);
  if (isEnough) return ok('node', `Node.js ${version}`);
  return error('node', `Node.js ${version} is too old`, `Install Node.js ${NODE_LEAST.join('.')} or later.`);
}

/** Snowflake refuses key pair logins of a clock that is off by more than a minute or so. */
const SKEW_WARNING_MS = 10_000;
const SKEW_ERROR_MS = 50_000;

export function clockFinding(skewMs: number): Finding {
  const off = Math.abs(skewMs);
  if (off < SKEW_WARNING_MS) return ok('clock', 'clock: agrees with that of Snowflake');
  const text = `clock: ${formatDuration(off)} ${skewMs > 0 ? 'ahead of' : 'behind'} that of Snowflake`;
  const next = 'Turn on time synchronisation: `timedatectl set-ntp true`.';
  return off < SKEW_ERROR_MS ? warning('clock', text, next) : error('clock', `${text}; logins with a key fail`, next);
}

const SOON_MS = 14 * 86_400_000;

/** Of a certificate, key or token. */
export function expiryFinding(check: string, what: string, endsMs: number, nowMs: number, next: string): Finding {
  const left = endsMs - nowMs;
  const day = new Date(endsMs).toISOString().slice(0, 10);
  if (left <= 0) return error(check, `${what} has expired on ${day}`, next);
  if (left < SOON_MS) return warning(check, `${what} expires in ${formatDuration(left)}, on ${day}`, next);
  return ok(check, `${what} is good until ${day}`);
}

/** @param mode of a file that holds a secret */
export function permissionFinding(path: string, mode: number): Finding {
  const bits = (mode & 0o777).toString(8).padStart(3, '0');
  const next = `chmod 600 ${path} (or 640 with the service's group)`;
  if ((mode & 0o007) !== 0)
    return error('permissions', `${path} holds a secret and is open to everybody (${bits})`, next);
  if ((mode & 0o020) !== 0)
    return warning('permissions', `${path} holds a secret and its group may change it (${bits})`, next);
  return ok('permissions', `${path} (${bits})`);
}

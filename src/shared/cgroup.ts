/**
 * What a container or a service unit leaves to this process: processors and memory of its control group (Linux, v2 and
 * v1; cgroups(7)). Every group above counts too, the tightest one decides. Elsewhere nothing limits.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export interface Cgroup {
  /** Processors that may be used at once, undefined without a limit. */
  cpus(): number | undefined;
  memoryMaxBytes(): number | undefined;
  /** Memory that is left under the limit, page cache that can be given back not counted as used. */
  headroomBytes(): number;
}

/** @param root where the file systems are found, for tests */
export function openCgroup(root = ''): Cgroup {
  const lines = (read(`${root}/proc/self/cgroup`) ?? '').split('\n').map((line) => line.split(':'));
  const pathOf = (controller: string) =>
    lines
      .find(([, names = '']) => names.split(',').includes(controller))
      ?.slice(2)
      .join(':');
  const unified = lines
    .find(([id, names]) => id === '0' && names === '')
    ?.slice(2)
    .join(':');
  const base = `${root}/sys/fs/cgroup`;
  const v2 = dirsOf(base, unified);
  const v1 = (controller: string) => dirsOf(`${base}/${controller}`, pathOf(controller));
  const least = (values: (number | undefined)[]): number | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  const memories = [
    ...v2.map((dir) => ({ dir, max: 'memory.max', used: 'memory.current', cache: 'inactive_file' })),
    ...v1('memory').map((dir) => ({
      dir,
      max: 'memory.limit_in_bytes',
      used: 'memory.usage_in_bytes',
      cache: 'total_inactive_file',
    })),
  ];
  const headroomOf = ({ dir, max, used, cache }: (typeof memories)[number]): number | undefined => {
    const [limit, usage] = [limitIn(`${dir}/${max}`), limitIn(`${dir}/${used}`)];
    if (limit === undefined || usage === undefined) return undefined;
    const stat = read(`${dir}/memory.stat`) ?? '';
    const idle = Number(new RegExp(`^${cache} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
    return Math.max(0, limit - Math.max(0, usage - idle));
  };
  return {
    cpus: () =>
      least([
        ...v2.map((dir) => quotaOf(read(`${dir}/cpu.max`)?.split(' '))),
        ...v1('cpu').map((dir) => quotaOf([read(`${dir}/cpu.cfs_quota_us`), read(`${dir}/cpu.cfs_period_us`)])),
      ]),
    memoryMaxBytes: () => least(memories.map(({ dir, max }) => limitIn(`${dir}/${max}`))),
    headroomBytes: () => least(memories.map(headroomOf)) ?? Number.POSITIVE_INFINITY,
  };
}

/** Workers that can run at once: processors this process may use, in whole ones, at least one. */
export function usableProcessors(cgroup: Cgroup = openCgroup()): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cgroup.cpus() ?? Number.POSITIVE_INFINITY)));
}

/** The group's directory and all above it; in a container the path may name groups that are not to be seen. */
function dirsOf(base: string, path: string | undefined): string[] {
  if (path === undefined) return [];
  const parts = path.split('/').filter((part) => part !== '');
  return Array.from({ length: parts.length + 1 }, (_, count) => [base, ...parts.slice(0, count)].join('/'));
}

function quotaOf(fields: readonly (string | undefined)[] | undefined): number | undefined {
  const [quota, period] = [Number(fields?.[0]), Number(fields?.[1])];
  return quota > 0 && period > 0 ? quota / period : undefined;
}

/** Beyond this a v1 limit means none (it is the largest page count times the page size). */
const NO_LIMIT_BYTES = 2 ** 60;

function limitIn(path: string): number | undefined {
  const text = read(path);
  const bytes = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(bytes) && bytes < NO_LIMIT_BYTES ? bytes : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

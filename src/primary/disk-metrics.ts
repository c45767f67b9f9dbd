/** How full the file systems are that hold the daemon's directories. */
import { statfs } from 'node:fs/promises';
import type { Recorder } from '../shared/metrics.ts';

const LOOK_EVERY_MS = 10_000;

/** Looks now and then until `close`; a directory that cannot be read is left as it was. */
export function startDiskMetrics(directories: readonly string[], metrics: Recorder): { close(): void } {
  const look = async (path: string) => {
    const { bavail, blocks } = await statfs(path);
    if (blocks > 0) metrics.set('mcp_disk_free_ratio', bavail / blocks, { path });
  };
  const lookAtAll = () => {
    for (const path of new Set(directories)) look(path).catch(() => {});
  };
  lookAtAll();
  const timer = setInterval(lookAtAll, LOOK_EVERY_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

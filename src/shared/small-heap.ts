/**
 * What keeps processes light that have nothing to do. V8 by default trades memory for speed: a young heap that grows to
 * 16 MB while modules load and is never given back while the process is idle, and optimised code for what ran a few
 * hundred times.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Optimise later; Node refuses to start with a flag that its V8 does not know, and V8 12 has another way to count. */
const LATE_CODE = Number.parseInt(process.versions.v8, 10) < 12 ? ['--interrupt-budget=1000000'] : [];

/** Flags for `node`. Workers do not inherit them. */
export const PRIMARY_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--optimize-for-size', ...LATE_CODE];

/**
 * The same for a process that runs already, such as the command that becomes the primary itself; to be called before
 * much is loaded. A young heap that exists is not bounded by the flag above, but is kept from growing.
 */
export function keepHeapSmall(): void {
  for (const flag of ['--semi-space-growth-factor=1', ...PRIMARY_FLAGS]) setFlagsFromString(flag);
}

/** Long enough for what a busy time has started to end. */
const SETTLE_MS = 1000;

/**
 * In the primary, after a busy time (a start, a reload): collects what it left and gives the pages back, the code of the
 * start too, which V8 would keep for several collections. What is called again is compiled again.
 */
export function shrinkHeapSoon(): void {
  setTimeout(() => shrinkHeap([COMPACT, '--stress-flush-code']), SETTLE_MS).unref();
}

/** For a collection: half-filled pages of the old heap go as well. */
export const COMPACT = '--compact-on-every-full-gc';

/**
 * Collects now, which takes 20 to 80 ms, and more when it compacts a large heap. A young heap that has grown shrinks
 * only when nothing much was allocated for the five seconds V8 looks back.
 * @param more flags of V8 for this collection
 */
export function shrinkHeap(more: readonly string[] = []): void {
  const flags = ['--expose-gc', ...more];
  for (const flag of flags) setFlagsFromString(flag);
  (runInNewContext('gc') as () => void)();
  for (const flag of flags) setFlagsFromString(flag.replace('--', '--no-'));
}

/** Bounds of time that hold on a slow or busy machine too. */
import { spawnSync } from 'node:child_process';

/** What a program that does nothing takes where nothing else runs. */
const BARE_START_MS = 100;
const LOOKS = [1, 2, 3];

/** As much longer than `ms` as such a program takes longer now. */
export function patient(ms: number): number {
  const took = LOOKS.map(() => {
    const begun = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    return performance.now() - begun;
  });
  return ms * Math.max(1, ...took.map((each) => each / BARE_START_MS));
}

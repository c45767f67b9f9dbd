/** Looks at the running service again and again for a while, as `advise` and `leak-check` do. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from './command.ts';
import { tellWarnings } from './terminal.ts';

const LEAST_EVERY_MS = 1000;
const SAMPLES = 60;

/**
 * Ctrl-C ends it early, with what there is. A look that fails is left out and told at the end (a worker may restart in an
 * hour, or the daemon), unless it is the first: then there is nothing to look at.
 */
export async function sampleFor(
  seconds: number,
  title: string,
  context: Pick<Context, 'terminal' | 'interruption'>,
  look: () => Promise<void>,
): Promise<void> {
  const everyMs = Math.max(LEAST_EVERY_MS, (seconds * 1000) / SAMPLES);
  const progress = context.terminal.progress(title);
  const interruption = context.interruption();
  const end = performance.now() + seconds * 1000;
  let [good, missed, why] = [0, 0, ''];
  try {
    for (;;) {
      try {
        await look();
        good += 1;
      } catch (error) {
        if (good === 0) throw error;
        missed += 1;
        why = error instanceof Error ? error.message : String(error);
      }
      const left = end - performance.now();
      if (left <= 0 || interruption.aborted) break;
      await pause(Math.min(everyMs, left), undefined, { signal: interruption }).catch(() => {});
    }
  } finally {
    progress.done();
  }
  if (missed > 0) tellWarnings(context.terminal, [`${missed} of ${good + missed} looks failed, the last one: ${why}`]);
}

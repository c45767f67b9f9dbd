/** One answer for everybody who asks at about the same time: it is made once and given away for a while. */
import type { Clock } from '../../shared/clock.ts';

/** @returns asks `make`, unless an answer is being made or is younger than `keepMs`; failures are not kept */
export function sharedAnswer<T>(clock: Clock, keepMs: number, make: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (answer !== undefined && clock.now() < until) return answer;
    until = Number.POSITIVE_INFINITY;
    const made = make();
    answer = made;
    made.then(
      () => {
        if (answer === made) until = clock.now() + keepMs;
      },
      () => {
        if (answer === made) answer = undefined;
      },
    );
    return made;
  };
}

/** Waiting that ends: with a signal, or after a time. What is waited for goes on. */
import { AppError } from '../../shared/errors.ts';

/** @throws the reason of `signal` as soon as it is aborted */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

/** The value, or undefined when it has not come in time. */
export async function orLate<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** @throws AppError SNOWFLAKE_UNREACHABLE when the answer has not come in time */
export async function answerOf<T>(work: Promise<T>, ms: number): Promise<T> {
  const answer = await orLate(
    work.then((value) => ({ value })),
    ms,
  );
  if (answer === undefined) throw unanswered(ms);
  return answer.value;
}

export function unanswered(ms: number): AppError {
  return new AppError('SNOWFLAKE_UNREACHABLE', { reason: `no whole answer in ${ms} ms` });
}

/** The merged metrics as the primary renders them, asked for once for everybody who asks at about the same time. */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import { sharedAnswer } from './single-flight.ts';

export interface MergedMetrics {
  /** @throws AppError METRICS_UNAVAILABLE */
  text(): Promise<string>;
}

const TIMEOUT_MS = 2000;
const KEEP_MS = 500;

/**
 * @param opsUrl address of the primary's own HTTP port
 * @param token metrics.token, which it may ask for
 */
export function createMergedMetrics(opsUrl: string, token: string | undefined, clock: Clock): MergedMetrics {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const text = sharedAnswer(clock, KEEP_MS, async () => {
    try {
      const answer = await fetch(`${opsUrl}/metrics`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`it answers ${answer.status}`);
      return await answer.text();
    } catch (error) {
      throw new AppError('METRICS_UNAVAILABLE', {}, { cause: error });
    }
  });
  return { text };
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)$/;

/** The sum of all series of a metric, 0 without any. */
export function sumOf(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, found, , value] = SAMPLE.exec(line) ?? [];
    if (found === name) sum += Number(value);
  }
  return sum;
}

/** Every counter with its labels and value. */
export function countersOf(text: string): Record<string, number> {
  const counters: Record<string, number> = {};
  const names = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name));
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (names.has(name)) counters[`${name}${labels}`] = Number(value);
  }
  return counters;
}

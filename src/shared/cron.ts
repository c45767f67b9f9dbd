/** Cron patterns, in the local time zone: five fields, or six with seconds first, and names such as `@daily`. */
import { Cron } from 'croner';

/** Why a pattern cannot be used, undefined when it can. */
export function cronFault(pattern: string): string | undefined {
  try {
    return nextCronTime(pattern, new Date(0)) === undefined ? 'it never comes' : undefined;
  } catch (error) {
    const [first = 'it cannot be read'] = (error instanceof Error ? error.message : '').split('\n');
    return first.replace(/^CronPattern: /, '');
  }
}

/** The first time after `from`; undefined when there is none. @throws when the pattern cannot be read */
export function nextCronTime(pattern: string, from: Date): Date | undefined {
  return new Cron(pattern, { paused: true }).nextRun(from) ?? undefined;
}

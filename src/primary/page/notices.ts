/** What a person who looks at the page should know first: a reload, a pause, workers that are missing. */
import type { DaemonStatus } from '../../shared/control-api.ts';
import { shortened } from '../happenings.ts';
import { countText, spanText } from './words.ts';

export interface Notice {
  readonly kind: 'busy' | 'bad';
  readonly text: string;
}

export function noticesOf({ status, isReady }: { status: DaemonStatus; isReady: boolean }): readonly Notice[] {
  const { workers, reload, lastReload } = status;
  const notices: Notice[] = [];
  const missing = workers.filter(({ state }) => state !== 'ready').length;
  const isUp = status.state === 'running' || status.state === 'reloading';
  if (isUp && !isReady && status.isPaused !== true) {
    notices.push({ kind: 'bad', text: `Too few workers take calls: ${missing} of ${workers.length} are not ready.` });
  } else if (status.state === 'running' && missing > 0 && status.isPaused !== true) {
    notices.push({ kind: 'busy', text: `${countText(missing, 'worker')} of ${workers.length} not ready.` });
  }
  if (workers.some(({ snowflake }) => snowflake === 'unhealthy')) {
    notices.push({ kind: 'bad', text: 'Snowflake does not answer as it should; calls that need it fail.' });
  }
  if (reload !== undefined) {
    const since = spanText(reload.startedSecondsAgo);
    notices.push({ kind: 'busy', text: `A reload is in progress for ${since}: ${reload.step}` });
  } else if (lastReload !== undefined && !lastReload.ok) {
    const reason = shortened(lastReload.reason);
    notices.push({ kind: 'bad', text: `The last reload was aborted, the workers before it serve on: ${reason}` });
  }
  if (status.maintenanceSince !== undefined) {
    const since = status.maintenanceSince.slice(0, 19).replace('T', ' ');
    notices.push({ kind: 'busy', text: `In maintenance since ${since} UTC: no session and no query begins.` });
  }
  if (status.isPaused === true) {
    notices.push({ kind: 'busy', text: 'Paused by order (SIGWINCH): no worker takes new connections.' });
  }
  return notices;
}

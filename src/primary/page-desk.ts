/**
 * What the status page needs to know, kept from the start on: figures of the last quarter of an hour and the last events.
 *
 * The page and its files are in memory from the start on: the files of a package may be replaced under a running daemon.
 */
import type { Clock } from '../shared/clock.ts';
import type { DaemonStatus } from '../shared/control-api.ts';
import type { Log } from '../shared/log.ts';
import { figuresOf, takeLook } from './figures.ts';
import { createHappenings } from './happenings.ts';
import { createHistory, SAMPLE_MS } from './history.ts';
import type { MetricsStore } from './metrics-merge.ts';
import { createStatusPage, type StatusPage } from './page/status-page.ts';

export interface PageDesk {
  /** The log to write to: its lines are the events of the page. */
  readonly log: Log;
  readonly page: StatusPage;
  /** Begins to keep figures; `status` and `isReady` may be asked from now on. */
  follow(views: { status(): DaemonStatus; isReady(): boolean }): void;
  close(): void;
}

export function createPageDesk(doors: {
  readonly log: Log;
  readonly metrics: MetricsStore;
  readonly clock: Clock;
  readonly listenersMax: number;
}): PageDesk {
  const { log, metrics, clock } = doors;
  const happenings = createHappenings(() => clock.wall().getTime());
  const history = createHistory();
  let views: Parameters<PageDesk['follow']>[0] | undefined;
  let timer: NodeJS.Timeout | undefined;

  const scene = () => {
    if (views === undefined) throw new Error('the page is asked before it knows whom it shows');
    return {
      status: views.status(),
      isReady: views.isReady(),
      history,
      now: clock.now(),
      happenings: happenings.list(),
      restarts: restartsByWorker(metrics),
    };
  };
  const page = createStatusPage({
    max: doors.listenersMax,
    metrics,
    scene,
    now: () => clock.now(),
    later: (ms, then) => {
      const waiting = setTimeout(then, ms);
      return () => clearTimeout(waiting);
    },
    failed: (error) => log.error('page.failed', 'the status page could not be made', { reason: String(error) }),
  });
  return {
    log: happenings.hearing(log),
    page,
    follow(given) {
      views = given;
      let before = takeLook(clock.now(), metrics.read);
      timer = setInterval(() => {
        const look = takeLook(clock.now(), metrics.read);
        history.add(look.at, figuresOf(before, look, given.status(), process.memoryUsage.rss()));
        before = look;
      }, SAMPLE_MS);
    },
    close() {
      clearInterval(timer);
      page.close();
    },
  };
}

/** Counted ends by class, of each worker by its name. */
function restartsByWorker(metrics: Pick<MetricsStore, 'read'>): Map<string, [string, number][]> {
  const found = new Map<string, [string, number][]>();
  for (const { labels, value } of metrics.read('supervisor_worker_restarts_total')) {
    const [, worker, reason] = /^worker="(\w+)",reason="(\w+)"$/.exec(labels) ?? [];
    if (worker === undefined || reason === undefined || typeof value !== 'number' || value === 0) continue;
    found.set(worker, [...(found.get(worker) ?? []), [reason, value]]);
  }
  return found;
}

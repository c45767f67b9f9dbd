/**
 * Joins what a worker shares with others: stores, the right to hold sessions, events. With files of this host the primary
 * is the link; with state.url the store is one more, to daemons on other hosts.
 */
import type { Clock } from '../shared/clock.ts';
import type { PrimaryMessage } from '../shared/ipc.ts';
import type { Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import type { FleetView } from './session/fleet-view.ts';
import { createLocalLease, type Lease } from './session/lease.ts';
import { ownerName } from './session/record.ts';
import { openRedisLease } from './session/redis-lease.ts';
import { type BusCarrier, type ClusterBus, createClusterBus } from './state/cluster-bus.ts';
import { openRedisBus } from './state/redis-bus.ts';
import type { RedisConnection } from './state/redis-connection.ts';
import { openStores, type Stores } from './state/stores.ts';

export interface SharingOptions {
  readonly boot: Pick<Extract<PrimaryMessage, { type: 'boot' }>, 'config' | 'stateDir'>;
  readonly fleet: FleetView;
  /** To the other workers of this host. */
  readonly bus: BusCarrier;
  readonly recorder: Pick<Recorder, 'count'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Sharing {
  readonly stores: Stores;
  readonly lease: Lease;
  readonly bus: ClusterBus;
  /** After the stores that were opened. */
  close(): Promise<void>;
}

/** @throws AppError CREDENTIALS_UNREADABLE */
export async function openSharing(options: SharingOptions): Promise<Sharing> {
  const { boot, fleet, recorder, clock, log } = options;
  const stores = await openStores({ state: boot.config.state, directory: boot.stateDir, clock, log });
  const { redis } = stores;
  const carriers = redis === undefined ? [options.bus] : [options.bus, openRedisBus(redis, fleet.daemon)];
  const lease = redis === undefined ? createLocalLease(ownName(fleet)) : await leaseOn(redis, options);
  let alive = incarnations(fleet);
  const stop = fleet.onChange(() => {
    const now = incarnations(fleet);
    if ([...alive].some((incarnation) => !now.has(incarnation))) stores.peerEnded();
    alive = now;
  });
  return {
    stores,
    lease,
    bus: createClusterBus({ carriers, maxWaiting: boot.config.state.event_backlog, recorder }),
    close: async () => {
      stop();
      await lease.close();
      await stores.close();
    },
  };
}

const ownName = (fleet: FleetView) => ownerName(fleet.daemon, fleet.incarnation);
const incarnations = (fleet: FleetView) => new Set(fleet.workers().map(({ incarnation }) => incarnation));

function leaseOn(redis: RedisConnection, { boot, fleet, clock, log }: SharingOptions): Promise<Lease> {
  const { server, state } = boot.config;
  return openRedisLease({
    redis,
    daemon: fleet.daemon,
    incarnation: fleet.incarnation,
    url: server.internal_url ?? '',
    leaseMs: state.lease,
    clock,
    log,
  });
}

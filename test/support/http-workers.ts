/**
 * Several workers' HTTP services in one process, on sockets of their own, sharing one session store and a fleet that the
 * test plays the primary for. Each listens on a free port of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createRateDesk } from '../../src/primary/rate-desk.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type Config, configSchema } from '../../src/shared/config/schema.ts';
import type { FleetWorker } from '../../src/shared/ipc.ts';
import { createLog } from '../../src/shared/log.ts';
import type { Recorder } from '../../src/shared/metrics.ts';
import { createPrimaryLeases, type LeaseCarrier } from '../../src/worker/http/primary-leases.ts';
import { type HttpService, startHttpService } from '../../src/worker/http-service.ts';
import type { ConfirmationRecord } from '../../src/worker/mcp/era-2026/confirm.ts';
import type { HandleRecord } from '../../src/worker/mcp/handles.ts';
import type { QueryService } from '../../src/worker/query/service.ts';
import type { FleetView } from '../../src/worker/session/fleet-view.ts';
import { createLocalLease } from '../../src/worker/session/lease.ts';
import { ownerName, type SessionRecord } from '../../src/worker/session/record.ts';
import type { StreamRecord } from '../../src/worker/session/stream-record.ts';
import { createClusterBus } from '../../src/worker/state/cluster-bus.ts';
import { openLmdbStore } from '../../src/worker/state/lmdb-store.ts';
import { createBusHub } from './bus-hub.ts';

interface TestWorker {
  readonly incarnation: number;
  readonly url: string;
  readonly service: HttpService;
  readonly lines: Record<string, unknown>[];
  readonly audit: Record<string, unknown>[];
  readonly counts: Map<string, number>;
  setDraining(): void;
  /** Resolves when running calls have written down their query ids. */
  noted(): Promise<void>;
  /** As after kill -9: nothing is handed over; the fleet still lists it until `reap`. */
  kill(): Promise<void>;
}

export interface TestCluster {
  start(query: QueryService, overrides?: DeepPartial): Promise<TestWorker>;
  /** The primary tells that an incarnation is gone. */
  reap(incarnation: number): void;
  setState(incarnation: number, state: string): void;
  close(): Promise<void>;
}

type DeepPartial = { [Section in keyof Config]?: Record<string, unknown> };

export interface TestClusterOptions {
  /** No worker can open the shared store. */
  readonly withoutStore?: boolean;
}

const SIZE = { maxBytes: 64 * 1024 * 1024 };

function capture(lines: Record<string, unknown>[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
}

export function createTestCluster(options: TestClusterOptions = {}): TestCluster {
  const dir = mkdtempSync(join(tmpdir(), 'mcp-workers-'));
  let workers: readonly FleetWorker[] = [];
  let newest = 0;
  let maintenanceSinceMs: number | undefined;
  const listeners = new Set<() => void>();
  const running = new Map<number, TestWorker>();
  const publish = (next: readonly FleetWorker[]) => {
    workers = next;
    for (const listener of [...listeners]) listener();
  };
  const hub = createBusHub();
  const desk = createRateDesk();
  const leases = (): LeaseCarrier => {
    let hear: Parameters<LeaseCarrier['onGrants']>[0] = () => {};
    return {
      send: (asks) => void desk.lease(asks).then((grants) => hear(grants)),
      onGrants: (listener) => {
        hear = listener;
      },
    };
  };
  const viewOf = (incarnation: number, isDraining: () => boolean): FleetView => ({
    daemon: 'test',
    incarnation,
    workers: () => workers,
    newest: () => newest,
    maintenanceSinceMs: () => maintenanceSinceMs,
    isInMaintenance: () => maintenanceSinceMs !== undefined,
    isDraining,
    changed: (ms) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          listeners.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        listeners.add(done);
      }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });

  const start: TestCluster['start'] = async (query, overrides = {}) => {
    const incarnation = ++newest;
    const lines: Record<string, unknown>[] = [];
    const audit: Record<string, unknown>[] = [];
    const counts = new Map<string, number>();
    const recorder: Recorder = {
      count: (name, labels, by = 1) => {
        const key = `${name} ${Object.values(labels ?? {}).join(',')}`.trim();
        counts.set(key, (counts.get(key) ?? 0) + by);
      },
      set: () => {},
      observe: () => {},
    };
    let draining = false;
    const config = configSchema.parse({ ...overrides, server: { port: 0, ...overrides.server } });
    const service = await startHttpService({
      config,
      version: '0.0.0-test',
      slot: () => incarnation - 1,
      daemonStartedAtMs: Date.now(),
      opsUrl: 'http://127.0.0.1:1',
      runDir: dir,
      keysFile: config.auth.keys_file ?? join(dir, 'keys.json'),
      query,
      fleet: viewOf(incarnation, () => draining),
      store: options.withoutStore ? undefined : openLmdbStore<SessionRecord>(join(dir, 'state'), 'sessions', SIZE),
      streamStore: options.withoutStore ? undefined : openLmdbStore<StreamRecord>(join(dir, 'state'), 'streams', SIZE),
      handleStore: options.withoutStore ? undefined : openLmdbStore<HandleRecord>(join(dir, 'state'), 'handles', SIZE),
      confirmationStore: options.withoutStore
        ? undefined
        : openLmdbStore<ConfirmationRecord>(join(dir, 'state'), 'confirmations', SIZE),
      lease: createLocalLease(ownerName('test', incarnation)),
      leases: createPrimaryLeases(leases(), () => performance.now()),
      bus: createClusterBus({ carriers: [hub.join()], maxWaiting: 1000, recorder }),
      log: createLog({ level: 'debug', format: 'json', stream: capture(lines) }),
      audit: (line) => audit.push(line),
      recorder,
      clock: systemClock,
      askMaintenance: (isOn) => {
        maintenanceSinceMs = isOn ? Date.now() : undefined;
        publish(workers);
      },
      isReady: () => !draining,
      lastLoop: () => ({ lagMs: 0, elu: 0 }),
      ownerWaitMs: 1000,
    });
    await service.listeners.listen();
    const worker: TestWorker = {
      incarnation,
      url: `http://127.0.0.1:${service.listeners.port()}`,
      service,
      lines,
      audit,
      counts,
      setDraining: () => {
        draining = true;
      },
      noted: () => service.streams.noteAll(),
      kill: async () => {
        running.delete(incarnation);
        service.listeners.stopAccepting();
        await service.listeners.closeAll();
        await service.close();
      },
    };
    running.set(incarnation, worker);
    const facts = { slot: incarnation - 1, incarnation, pid: process.pid, state: 'ready', restarts: 0 };
    publish([...workers, { ...facts, socket: service.socketPath, startedAtMs: Date.now() }]);
    return worker;
  };

  return {
    start,
    reap: (incarnation) => publish(workers.filter((worker) => worker.incarnation !== incarnation)),
    setState: (incarnation, state) =>
      publish(workers.map((worker) => (worker.incarnation === incarnation ? { ...worker, state } : worker))),
    close: async () => {
      await Promise.all([...running.values()].map((worker) => worker.kill()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

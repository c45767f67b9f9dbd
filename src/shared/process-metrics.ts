/** The process_* and nodejs_* metrics of every process, as prom-client measures them; part of the one table (metrics.ts). */
import type { MetricSpec } from './metrics.ts';

const measured = (kind: MetricSpec['kind'], help: string, labels: readonly string[] = []): MetricSpec => ({
  kind,
  help,
  labels,
  source: 'process',
  combine: 'worker',
});
const counter = (help: string) => measured('counter', help);
const gauge = (help: string, ...labels: readonly string[]) => measured('gauge', help, labels);

export const PROCESS_METRICS = {
  process_cpu_user_seconds_total: counter('Time on a processor in user mode.'),
  process_cpu_system_seconds_total: counter('Time on a processor in the kernel.'),
  process_cpu_seconds_total: counter('Time on a processor.'),
  process_start_time_seconds: gauge('Start of the process, in seconds since 1970.'),
  process_resident_memory_bytes: gauge('Resident memory.'),
  process_virtual_memory_bytes: gauge('Virtual memory.'),
  process_heap_bytes: gauge('Data segment of the process.'),
  process_open_fds: gauge('Open file descriptors.'),
  process_max_fds: gauge('File descriptors that may be open.'),
  nodejs_eventloop_lag_seconds: gauge('Event loop lag at the moment of the measurement.'),
  nodejs_eventloop_lag_min_seconds: gauge('Least event loop delay.'),
  nodejs_eventloop_lag_max_seconds: gauge('Greatest event loop delay.'),
  nodejs_eventloop_lag_mean_seconds: gauge('Mean event loop delay.'),
  nodejs_eventloop_lag_stddev_seconds: gauge('Standard deviation of the event loop delay.'),
  nodejs_eventloop_lag_p50_seconds: gauge('Median event loop delay.'),
  nodejs_eventloop_lag_p90_seconds: gauge('90th percentile of the event loop delay.'),
  nodejs_eventloop_lag_p99_seconds: gauge('99th percentile of the event loop delay.'),
  nodejs_active_resources: gauge('What keeps the event loop alive, by type.', 'type'),
  nodejs_active_handles: gauge('Open libuv handles, by type.', 'type'),
  nodejs_active_requests: gauge('Running libuv requests, by type.', 'type'),
  nodejs_heap_size_total_bytes: gauge('Size of the heap.'),
  nodejs_heap_size_used_bytes: gauge('Used part of the heap.'),
  nodejs_external_memory_bytes: gauge('Memory outside the heap that objects hold.'),
  nodejs_heap_space_size_total_bytes: gauge('Size of a space of the heap.', 'space'),
  nodejs_heap_space_size_used_bytes: gauge('Used part of a space of the heap.', 'space'),
  nodejs_heap_space_size_available_bytes: gauge('Free part of a space of the heap.', 'space'),
  nodejs_version_info: gauge('Always 1; the labels tell the version.', 'version', 'major', 'minor', 'patch'),
  nodejs_gc_duration_seconds: {
    ...measured('histogram', 'Pauses of the garbage collection, by kind.', ['kind']),
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
} as const satisfies Record<string, MetricSpec>;

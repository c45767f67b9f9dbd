/** The benches by name; each is loaded when it is run, so that one does not weigh on another. */
import type { Finding } from './finding.ts';
import type { Size } from './size.ts';

export type Bench = (size: Size, options: BenchOptions) => Promise<readonly Finding[]>;

export interface BenchOptions {
  /** Of the soak; its own choice when undefined. */
  readonly minutes: number | undefined;
}

export const BENCHES = {
  supervisor: async (size) => (await import('./supervisor/main.ts')).supervisor(size),
  latency: async (size) => (await import('./latency.ts')).latency(size),
  throughput: async (size) => (await import('./throughput.ts')).throughput(size),
  era: async (size) => (await import('./era.ts')).era(size),
  rows: async (size) => (await import('./rows.ts')).rows(size),
  'worker-memory': async (size) => (await import('./worker-memory.ts')).workerMemory(size),
  'idle-sessions': async (size) => (await import('./idle-sessions.ts')).idleSessions(size),
  growth: async (size) => (await import('./growth.ts')).growth(size),
  logs: async (size) => (await import('./logs.ts')).logs(size),
  overload: async (size) => (await import('./overload.ts')).overload(size),
  soak: async (size, { minutes }) => (await import('./soak.ts')).soak(size, minutes),
  gate: async (size) => (await import('./gate.ts')).gate(size),
  'query-path': async (size) => (await import('./query-path.ts')).queryPath(size),
  'sessions-path': async (size) => (await import('./sessions-path.ts')).sessionsPath(size),
  scheduling: async (size) => (await import('./scheduling.ts')).scheduling(size),
} as const satisfies Readonly<Record<string, Bench>>;

export type BenchName = keyof typeof BENCHES;

export function isBench(name: string): name is BenchName {
  return Object.hasOwn(BENCHES, name);
}

/** What a run of all leaves out when it is to be short: about nothing that has a target, or longer than all others. */
export const LEFT_OUT: Readonly<Record<Size, readonly BenchName[]>> = {
  quick: ['gate', 'query-path', 'sessions-path', 'scheduling'],
  short: ['supervisor', 'query-path', 'scheduling'],
  full: [],
};

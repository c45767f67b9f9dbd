/**
 * Every fault the supervisor must survive, and what is right then. Each is proved by tests that carry its number in
 * their names, as `[fault 17]`; coverage.test.ts holds this list and the tests together.
 */
export interface FaultCase {
  readonly id: number;
  readonly fault: string;
  readonly outcome: string;
  /** Test files that prove it. */
  readonly where: readonly string[];
  /** Why it cannot be made to happen in a test. */
  readonly skipped?: string;
}

const at = (...names: string[]) => names.map((name) => `test/faults/cases/${name}.test.ts`);
const FLEET = {
  workers: 'test/faults/primary/workers.test.ts',
  rolling: 'test/faults/primary/rolling.test.ts',
} as const;
const OWNERSHIP = 'test/integration/primary/ownership.test.ts';
const SYSTEMD = 'test/faults/systemd.test.ts';

export const CASES: readonly FaultCase[] = [
  {
    id: 1,
    fault: 'a worker is killed with calls in flight',
    outcome: 'only its calls fail, it is back after the delay, counters go on, the end says SIGKILL',
    where: at('workers'),
  },
  {
    id: 2,
    fault: 'all workers are killed at once',
    outcome: 'clients can connect again within a second of the delay, the starts are spread',
    where: at('workers'),
  },
  {
    id: 3,
    fault: 'a worker is stopped (SIGSTOP)',
    outcome: 'it is killed at hang_kill, its replacement was ready before',
    where: [FLEET.workers],
  },
  { id: 4, fault: 'a stopped worker goes on in time', outcome: 'it is not killed', where: [FLEET.workers] },
  {
    id: 5,
    fault: 'a worker blocks its loop for longer than hang_kill',
    outcome: 'what it did is kept, it is killed and counted as a hang',
    where: at('hangs'),
  },
  {
    id: 6,
    fault: 'a worker is held up for half of hang_kill again and again',
    outcome: 'it is not killed, its lag shows',
    where: at('service'),
  },
  {
    id: 7,
    fault: 'memory grows slowly over the soft limit',
    outcome: 'a graceful replacement, no call fails',
    where: at('memory'),
  },
  {
    id: 8,
    fault: 'memory grows by 400 MB a second over the hard limit',
    outcome: 'killed within two readings, the others serve',
    where: at('memory'),
  },
  {
    id: 9,
    fault: 'all workers pass the soft limit together',
    outcome: 'one is replaced after the other, never more than one is missing',
    where: at('memory'),
  },
  {
    id: 10,
    fault: 'the heap is full and the engine aborts',
    outcome: 'told as memory, started again after the delay',
    where: at('workers'),
  },
  {
    id: 11,
    fault: 'workers crash at boot in the first start',
    outcome: 'exit 1 after max_restarts, ready is never said',
    where: at('boot'),
  },
  {
    id: 12,
    fault: 'a worker dies just after min_uptime each time',
    outcome: 'it backs off and becomes errored all the same',
    where: at('workers'),
  },
  {
    id: 13,
    fault: 'one slot alone is in a crash loop',
    outcome: 'errored, the others serve, it is tried again later',
    where: [FLEET.workers],
  },
  {
    id: 14,
    fault: 'a worker exits by itself with 0, or with a code of stop_exit_codes',
    outcome: 'started again, or left stopped',
    where: at('workers'),
  },
  { id: 15, fault: 'an errored slot is reloaded', outcome: 'it is back with all its tries', where: at('workers') },
  {
    id: 16,
    fault: 'stop, scale down or reload while a slot waits for its restart',
    outcome: 'no stray process is started',
    where: [...at('reload'), FLEET.rolling],
  },
  { id: 17, fault: '20 reloads under keep-alive load', outcome: 'no call fails', where: at('reload') },
  {
    id: 18,
    fault: 'a reload while long calls run',
    outcome: 'they finish, those that outlast the drain are cut at its deadline',
    where: at('reload'),
  },
  {
    id: 19,
    fault: 'a reload of a version that throws at boot',
    outcome: 'aborted, exit 1, the old workers and the generation stay',
    where: at('reload'),
  },
  {
    id: 20,
    fault: 'a reload of a version that is never ready',
    outcome: 'the same, at listen_timeout',
    where: at('reload'),
  },
  {
    id: 21,
    fault: 'a reload of a version that dies after it was ready',
    outcome: 'the same, before an old worker is touched',
    where: at('reload'),
  },
  {
    id: 22,
    fault: 'further reloads are asked for while one runs',
    outcome: 'they are one',
    where: [...at('primary'), FLEET.rolling],
  },
  {
    id: 23,
    fault: 'SIGTERM in mid-reload',
    outcome: 'both generations end, exit 0',
    where: [...at('primary'), FLEET.rolling],
  },
  {
    id: 24,
    fault: 'a second SIGTERM or SIGINT in a drain',
    outcome: 'everything ends at once, exit 1',
    where: [...at('primary'), FLEET.rolling],
  },
  { id: 25, fault: 'a worker ignores its drain', outcome: 'killed at kill_timeout', where: [FLEET.rolling] },
  {
    id: 26,
    fault: 'a worker outlives SIGKILL',
    outcome: 'reported and no longer waited for (simulated: the primary cannot kill)',
    where: at('primary'),
  },
  {
    id: 27,
    fault: 'a stream is open at a drain',
    outcome: 'ended with a hint to retry, the client goes on with a new worker',
    where: at('service'),
  },
  { id: 28, fault: 'half a request is open at a drain', outcome: 'cut at the deadline', where: at('service') },
  {
    id: 29,
    fault: 'the idle daemon is killed',
    outcome: 'every process is gone within a second, the port is free',
    where: at('service'),
  },
  {
    id: 30,
    fault: 'the daemon is killed while a worker is blocked',
    outcome: 'the watchdog thread of the worker ends it',
    where: ['test/faults/worker/watchdog.test.ts'],
  },
  {
    id: 31,
    fault: 'the daemon is killed while a worker is stopped',
    outcome: 'the next start kills what was recorded',
    where: at('primary'),
  },
  {
    id: 32,
    fault: 'the loop of the primary is blocked',
    outcome: 'the watchdog is not fed, workers go on serving',
    where: at('primary'),
  },
  {
    id: 33,
    fault: 'the primary is stopped for longer than hang_kill',
    outcome: 'nobody is killed when it goes on',
    where: at('primary'),
  },
  { id: 34, fault: 'a pid file of a dead daemon', outcome: 'the start works', where: [OWNERSHIP] },
  {
    id: 35,
    fault: 'a pid file whose pid another process has now',
    outcome: 'the start works, stop does not signal it',
    where: [...at('files'), OWNERSHIP],
  },
  {
    id: 36,
    fault: 'a pid file that is empty, garbage, a directory, a link or unwritable',
    outcome: 'replaced or refused with a reason, a link is never followed',
    where: [OWNERSHIP],
  },
  {
    id: 37,
    fault: '8 starts race, 20 times',
    outcome: 'exactly one wins, the others say so within 2 seconds',
    where: at('files'),
  },
  {
    id: 38,
    fault: 'the pid file is deleted while the daemon runs',
    outcome: 'nobody else can start, it is written again',
    where: [OWNERSHIP],
  },
  { id: 39, fault: 'the disk is full', outcome: 'a start says so, a daemon that runs serves on', where: at('files') },
  {
    id: 40,
    fault: 'whoever read the output of the daemon is gone (EPIPE)',
    outcome: 'it serves on',
    where: at('primary'),
  },
  {
    id: 41,
    fault: 'no file descriptor is left for a fork (EMFILE)',
    outcome: 'the slot waits and comes back',
    where: at('workers'),
  },
  {
    id: 42,
    fault: 'the kernel refuses a fork (EAGAIN)',
    outcome: 'the slot waits and comes back',
    where: at('workers'),
  },
  {
    id: 43,
    fault: 'the service port is taken at the first start',
    outcome: 'exit 1 at once, no worker is tried',
    where: at('boot'),
  },
  {
    id: 44,
    fault: 'the metrics port is taken at the first start',
    outcome: 'exit 1 at once, no worker is tried',
    where: at('boot'),
  },
  {
    id: 45,
    fault: 'a worker floods its channel, sends garbage or 100 MB',
    outcome: 'dropped and counted, the primary does not lag, the sender is replaced',
    where: at('ipc'),
  },
  { id: 46, fault: 'a worker never reads its channel', outcome: 'what waits for it is bounded', where: at('ipc') },
  {
    id: 47,
    fault: 'a scrape while one worker is stopped and one blocked',
    outcome: 'under 250 ms, the last figures with their age',
    where: at('metrics'),
  },
  {
    id: 48,
    fault: '100 kills between scrapes',
    outcome: 'no counter falls, histograms stay whole',
    where: at('metrics'),
  },
  {
    id: 49,
    fault: 'a worker sends series of another version',
    outcome: 'dropped and counted, no crash',
    where: at('metrics'),
  },
  { id: 50, fault: 'a worker sends 50,000 series', outcome: 'capped and reported', where: at('metrics') },
  { id: 51, fault: 'an order to a worker that just died', outcome: 'no crash', where: at('workers') },
  {
    id: 52,
    fault: 'a worker dies between opening the port and being ready',
    outcome: 'a failed start',
    where: at('workers'),
  },
  {
    id: 53,
    fault: 'the service manager is missing or does not read',
    outcome: 'the start goes on, nothing blocks',
    where: [SYSTEMD],
  },
  {
    id: 54,
    fault: 'a service manager listens',
    outcome: 'it hears ready, reload, stop and the watchdog; no child can speak to it',
    where: [SYSTEMD],
  },
  { id: 55, fault: 'the wall clock jumps by an hour', outcome: 'no effect', where: at('clock') },
  {
    id: 56,
    fault: 'SIGTTIN or SIGTTOU without end',
    outcome: 'clamped',
    where: [...at('scale'), 'test/unit/primary/supervisor.test.ts'],
  },
  { id: 57, fault: 'Ctrl-C reaches the whole group', outcome: 'one drain', where: [SYSTEMD] },
  { id: 58, fault: 'the primary is process 1', outcome: 'no zombie is left', where: [SYSTEMD] },
  {
    id: 59,
    fault: 'a worker is killed each second under 100 sessions',
    outcome: 'no session is lost, no answer goes astray, what fails was in flight and succeeds when it is sent again',
    where: at('kills'),
  },
  { id: 60, fault: '10 reloads under 100 sessions', outcome: 'no client sees an error', where: at('sessions') },
  {
    id: 61,
    fault: 'all workers are killed at once under sessions',
    outcome: 'every session goes on where it was',
    where: at('sessions'),
  },
  {
    id: 62,
    fault: 'the worker of a long call is killed',
    outcome: 'its statement runs once, its rows reach the client that comes back',
    where: at('sessions'),
  },
  {
    id: 63,
    fault: 'the worker of a long call is stopped until it is killed',
    outcome: 'one answer, and none of the stopped one',
    where: at('sessions'),
  },
];

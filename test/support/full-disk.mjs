// Writes log lines through the sink in the directory of its first argument while files may not grow past `ulimit -f`,
// then lifts the limit and writes one more. Says what was dropped.
import { setTimeout as sleep } from 'node:timers/promises';

const [dir = ''] = process.argv.slice(2);
// The default action of this signal, which comes with EFBIG, is to end the process.
process.on('SIGXFSZ', () => {});
const { createLogSink } = await import(new URL('../../dist/primary/log-sink.js', import.meta.url).href);
const logging = {
  format: 'json',
  merge_logs: false,
  stdout: false,
  rotate: 'internal',
  max_size: 1 << 30,
  max_files: 3,
};
const sink = await createLogSink(logging, { logDir: dir, daemonLog: `${dir}/daemon.log` });
for (let at = 0; at < 100; at += 1) {
  sink.daemon.write(`{"at":${at},"fill":"${'x'.repeat(1000)}"}\n`);
  if (at % 10 === 0) await sleep(5);
}
await sleep(100);
const { execFileSync } = await import('node:child_process');
const droppedWhileFull = sink.dropped();
execFileSync('prlimit', ['--fsize=unlimited', `--pid=${process.pid}`]);
sink.daemon.write('{"at":"after"}\n');
await sink.close();
process.stdout.write(JSON.stringify({ droppedWhileFull, dropped: sink.dropped() }));

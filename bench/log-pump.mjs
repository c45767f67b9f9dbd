/**
 * Loaded before a worker's program (NODE_OPTIONS): while the file $LOG_PUMP is there, it writes as many lines a second as
 * the file says, through a log like the worker's own and the pipe that carries it, and counts them in $LOG_PUMP.PID.
 */
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';

const EVERY_MS = 10;
const LOOK_EVERY_MS = 100;
const FACTS = {
  request_id: '8f2f0a52-4b0f-4d28-93a7-5ad9f2a0a1c2',
  session: 'a1b2c3d4',
  principal: 'key:bench.a1b2c3d4e5',
  tool: 'execute_query',
  query_id: '01b00000-0000-0000-0000-00000000abcd',
  query_duration_ms: 12,
  rows: 1,
  bytes: 4,
};

async function pump(file) {
  const { createLog } = await import('../dist/shared/log.js');
  const { createLogPipeWriter } = await import('../dist/worker/log-pipe-writer.js');
  const { WORKER_LOG_FD } = await import('../dist/shared/log-pipe.js');
  // A second socket on the descriptor of the worker's own would disturb it.
  const pipe = createWriteStream('', { fd: WORKER_LOG_FD, autoClose: false });
  const log = createLog({ level: 'info', format: 'json', stream: createLogPipeWriter(pipe).log });
  let perSecond = 0;
  let owed = 0;
  let written = 0;
  let last = performance.now();
  const look = () => {
    perSecond = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    writeFileSync(`${file}.${process.pid}`, String(written));
  };
  const write = () => {
    const now = performance.now();
    owed += (perSecond * (now - last)) / 1000;
    last = now;
    for (; owed >= 1; owed -= 1) {
      log.info('bench.line', 'select', FACTS);
      written += 1;
    }
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  setInterval(write, EVERY_MS).unref();
}

if (process.env.LOG_PUMP !== undefined && process.env.INSTANCE_ID !== undefined && process.send !== undefined) {
  await pump(process.env.LOG_PUMP);
}

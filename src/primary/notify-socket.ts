/**
 * How a datagram reaches the socket of a service manager. Node itself cannot open one (dgram knows UDP only).
 *
 * Normally node-unix-socket sends it, in this process and at once. Where its binary is not installed (npm without
 * optional packages) the program systemd-notify does, which needs NotifyAccess=all in the unit.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { DgramSocket } from 'node-unix-socket';

/** `full`: the receiver does not read at the moment; try again later. */
export type Outcome = 'sent' | 'full' | Error;

/** Tells the outcome exactly once, perhaps before it returns. Never throws. */
export type DatagramSender = (text: string, done: (outcome: Outcome) => void) => void;

type SocketClass = new () => DgramSocket;

/** @param path of the socket; `@name` is an abstract one */
export function createDatagramSender(path: string): DatagramSender {
  const socketClass = loadSocketClass();
  return socketClass === undefined ? createProgramSender(path) : createSocketSender(path, socketClass);
}

function loadSocketClass(): SocketClass | undefined {
  try {
    const loaded = createRequire(import.meta.url)('node-unix-socket') as { DgramSocket: SocketClass };
    return loaded.DgramSocket;
  } catch {
    return undefined;
  }
}

/**
 * A socket per datagram (about 40 us): an open one keeps the process alive, and one that meets a full queue polls in a
 * busy loop until it is closed (node-unix-socket 0.2.7). What could be sent is reported before sendTo returns.
 */
function createSocketSender(path: string, Socket: SocketClass): DatagramSender {
  const address = path.startsWith('@') ? `\0${path.slice(1)}` : path;
  return (text, done) => {
    let outcome: Outcome = 'full';
    let socket: DgramSocket | undefined;
    try {
      socket = new Socket();
      socket.on('error', () => {});
      const bytes = Buffer.from(text);
      socket.sendTo(bytes, 0, bytes.length, address, (error) => {
        outcome = error ?? 'sent';
      });
    } catch (error) {
      outcome = error instanceof Error ? error : new Error(String(error));
    }
    socket?.close();
    done(outcome);
  };
}

/** It waits up to 5 s itself for the manager to have read the message; then it is given up. */
const PROGRAM_DEADLINE_MS = 10_000;

/** Without --no-block: a sender that has ended before the manager looks at its message belongs to no unit any more. */
export function createProgramSender(path: string, program = 'systemd-notify'): DatagramSender {
  return (text, done) => {
    const child = spawn(program, text.split('\n'), {
      env: { PATH: process.env.PATH, NOTIFY_SOCKET: path },
      stdio: 'ignore',
      timeout: PROGRAM_DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    child.unref();
    let isTold = false;
    const tell = (outcome: Outcome) => {
      if (!isTold) done(outcome);
      isTold = true;
    };
    child.once('error', tell);
    child.once('exit', (code, signal) => {
      tell(code === 0 ? 'sent' : new Error(`${program} ended with ${code ?? signal}`));
    });
  };
}

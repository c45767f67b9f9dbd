/**
 * How a detached primary tells the command that started it how the start goes, over the inherited pipe.
 *
 * `ready` or `failed` is the last word and closes the pipe. Nothing is thrown: whether somebody still listens is not the
 * daemon's business. A daemon in front has no pipe and says nothing here.
 */
import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { AppError } from '../shared/errors.ts';
import { LAUNCH_PIPE_FD, type LaunchReport } from '../shared/launch.ts';

export interface LaunchReporter {
  progress(text: string): void;
  ready(facts: Omit<Extract<LaunchReport, { type: 'ready' }>, 'type'>): void;
  failed(error: AppError): void;
}

/** @param detached as in the LaunchSpec: false means that there is no pipe */
export function createLaunchReport(detached: boolean): LaunchReporter {
  let isOpen = detached && isPipe(LAUNCH_PIPE_FD);
  const tell = (report: LaunchReport) => {
    if (!isOpen) return;
    try {
      writeSync(LAUNCH_PIPE_FD, `${JSON.stringify(report)}\n`);
    } catch {
      // The command is gone; the start goes on without it.
    }
  };
  const tellLast = (report: LaunchReport) => {
    tell(report);
    if (isOpen) closeSync(LAUNCH_PIPE_FD);
    isOpen = false;
  };
  return {
    progress: (text) => tell({ type: 'progress', text }),
    ready: (facts) => tellLast({ type: 'ready', ...facts }),
    failed: (error) => tellLast({ type: 'failed', error: error.toBody(), exit: error.exit }),
  };
}

/** A process that was not started by the command line may have anything under that number. */
function isPipe(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFIFO() || found.isSocket();
  } catch {
    return false;
  }
}

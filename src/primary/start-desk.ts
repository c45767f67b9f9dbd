/** Who waits for the first start: is told its steps, and its end with the reason when it fails. */
import type { Config } from '../shared/config/schema.ts';
import { AppError } from '../shared/errors.ts';
import type { Note } from './rules/order.ts';
import { slotName } from './rules/slot.ts';

export interface StartDesk {
  /** @throws AppError PORT_IN_USE, START_FAILED, START_STOPPED; then no worker is left */
  wait(progress: (text: string) => void): Promise<void>;
  hear(note: Note): void;
}

export function createStartDesk({ config, logFile }: { config: Config; logFile: string }): StartDesk {
  let progress: (text: string) => void = () => {};
  let settle: (error?: AppError) => void = () => {};
  /** Known from the beginning: a stop by command may come before anybody waits. */
  const outcome = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  outcome.catch(() => {});
  let isOver = false;
  /** Told when the last worker is gone. */
  let fault: AppError | undefined;

  const faultOf = ({ end, complaint }: Extract<Note, { kind: 'start_failed' }>): AppError => {
    const { host, port } = config.server;
    if (end.class === 'port_in_use') return new AppError('PORT_IN_USE', { host, port, key: 'server.port' });
    return new AppError('START_FAILED', {
      reason: end.detail,
      log: logFile,
      ...(complaint === undefined ? {} : { next: complaint.next }),
    });
  };
  const stoppedEarly = (isForced: boolean) =>
    isForced
      ? new AppError('START_FAILED', { reason: 'it was ended at once', log: logFile })
      : new AppError('START_STOPPED', {});
  const end = (error?: AppError) => {
    isOver = true;
    settle(error);
  };

  return {
    wait: (tell) => {
      progress = tell;
      return outcome;
    },
    hear: (note) => {
      if (isOver) return;
      if (note.kind === 'became_ready') progress(`worker ${slotName(note.slot)} is ready`);
      else if (note.kind === 'ended') {
        progress(`worker ${slotName(note.slot)} ended: ${note.end.class} (${note.end.detail})`);
      } else if (note.kind === 'all_ready') end();
      else if (note.kind === 'start_failed') fault = faultOf(note);
      else if (note.kind === 'all_stopped') end(fault ?? stoppedEarly(note.forced));
    },
  };
}

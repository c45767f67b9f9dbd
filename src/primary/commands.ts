/** What the command line may ask of a running daemon, and what it is answered. */
import type { DaemonStatus } from '../shared/control-api.ts';
import { AppError } from '../shared/errors.ts';
import type { ControlHandler } from './control-server.ts';
import type { Daemon } from './daemon.ts';

export function createCommands(
  daemon: Pick<Daemon, 'supervisor' | 'reload' | 'scale' | 'reopenLogs' | 'log'>,
  status: () => DaemonStatus,
): ControlHandler {
  const { supervisor, log } = daemon;
  return async (request, progress) => {
    switch (request.command) {
      case 'status':
        return status();
      case 'stop':
        log.info('control.stop', 'stop was asked', { timeout_ms: request.timeoutMs });
        supervisor.stop(request.timeoutMs);
        await supervisor.stopped;
        return { text: 'stopped' };
      case 'reload':
        await daemon.reload(progress);
        return { text: `reloaded, generation ${supervisor.view().generation}` };
      case 'scale':
        if (supervisor.view().state === 'stopping') {
          throw new AppError('CONTROL_BUSY', { reason: 'it is stopping' });
        }
        log.info('control.scale', `scale to ${request.count} was asked`);
        return { text: daemon.scale(request.count) };
      case 'reopen-logs':
        daemon.reopenLogs();
        return { text: 'log files reopened' };
      case 'maintenance':
        if (request.set !== undefined) supervisor.setMaintenance(request.set);
        return status();
      default:
        return request satisfies never;
    }
  };
}

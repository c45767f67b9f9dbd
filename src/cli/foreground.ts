/**
 * `start --no-daemon`: this process becomes the primary, so that systemd and containers supervise the right pid and
 * signals need no forwarding. The only place where the command line loads another program.
 */
import { LAUNCH_VARIABLE, type LaunchSpec } from '../shared/launch.ts';

/** Returns when the primary has been loaded; the process then ends by the primary's rules. */
export async function becomeDaemon(spec: LaunchSpec, workingDir: string): Promise<void> {
  process.chdir(workingDir);
  process.env[LAUNCH_VARIABLE] = JSON.stringify(spec);
  await import('../primary/main.ts');
}

/** `start`: in the background until the workers are ready, or in front with --no-daemon. */
import type { Argv } from 'yargs';
import { inheritedSocket } from '../../shared/inherited-socket.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { CONFIG_OPTIONS, type Command, type Context, type SharedArgs, specOf } from '../command.ts';
import { startDaemon } from '../start-daemon.ts';
import { UsageError } from '../values.ts';

export interface StartArgs extends SharedArgs {
  readonly daemon: boolean;
  readonly demo?: boolean | undefined;
  readonly file?: string | undefined;
}

export const startCommand: Command<StartArgs> = {
  words: 'start [file]',
  says: 'Starts the daemon and returns when its workers are ready',
  options: (yargs) =>
    (
      yargs.positional('file', {
        type: 'string',
        describe: 'Configuration file, as --config; a PM2 file such as ecosystem.config.js too',
      }) as unknown as Argv<StartArgs>
    ).options({
      ...CONFIG_OPTIONS,
      demo: { type: 'boolean', describe: 'Use an embedded Snowflake with sample data: no account needed' },
      'no-daemon': { type: 'boolean', describe: 'Stay in front, for systemd and containers' },
      daemon: { type: 'boolean', default: true, hidden: true },
    }) as Argv<StartArgs>,
  run: async (args, context: Context) => {
    const config = fileOf(args);
    const spec = specOf({ ...args, config }, context, args.daemon);
    return startDaemon(args.daemon ? spec : onInheritedSocket(spec, context), context);
  },
};

/** Where the service manager listens for us is where we listen, whatever else says where. */
function onInheritedSocket(spec: LaunchSpec, { env }: Context): LaunchSpec {
  const socket = inheritedSocket(env);
  if (socket === undefined) return spec;
  return { ...spec, flags: { ...spec.flags, 'server.host': socket.host, 'server.port': socket.port } };
}

/** The file of either form. */
function fileOf({ config, file }: StartArgs): string | undefined {
  if (file === undefined) return config;
  if (config !== undefined) throw new UsageError('start takes one file: --config FILE, or FILE alone');
  if (/\.([cm]?js|json|ya?ml)$/i.test(file)) return file;
  throw new UsageError(`start takes a configuration file (.yaml, .json, ecosystem.config.js), not ${file}`);
}

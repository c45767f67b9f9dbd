/**
 * The keys of a PM2 app, each with what it is here: a key of the configuration under another name, or nothing.
 *
 * A key that is in neither table is a fault: it may be a misspelling of one that matters. Names and aliases are those of
 * PM2 7's schema and of the health check keys that set-ups of this server write beside them.
 */

/** PM2's other spellings. */
export const ALIASES: Readonly<Record<string, string>> = {
  out: 'out_file',
  output: 'out_file',
  out_log: 'out_file',
  error: 'error_file',
  err: 'error_file',
  err_file: 'error_file',
  err_log: 'error_file',
  log: 'log_file',
  pid: 'pid_file',
  combine_logs: 'merge_logs',
  cron: 'cron_restart',
  exec_interpreter: 'interpreter',
  node_args: 'interpreter_args',
  interpreterArgs: 'interpreter_args',
  watch_ignore: 'ignore_watch',
};

/** Keys that are read as they are; `watch`, `cron_restart` and log files have forms of their own (ecosystem-app.ts). */
export const TARGETS: Readonly<Record<string, string>> = {
  instances: 'workers.count',
  restart_delay: 'workers.restart_delay',
  exp_backoff_restart_delay: 'workers.exp_backoff_restart_delay',
  max_restarts: 'workers.max_restarts',
  min_uptime: 'workers.min_uptime',
  max_memory_restart: 'workers.max_memory_restart',
  kill_timeout: 'workers.kill_timeout',
  listen_timeout: 'workers.listen_timeout',
  stop_exit_codes: 'workers.stop_exit_codes',
  autorestart: 'workers.autorestart',
  cron_restart: 'workers.cron_restart',
  instance_var: 'workers.instance_var',
  increment_var: 'workers.increment_var',
  watch: 'workers.watch',
  ignore_watch: 'workers.ignore_watch',
  health_check_url: 'workers.health_check_url',
  health_check_grace_period: 'workers.health_check_grace_period',
  health_check_fatal: 'workers.health_check_fatal',
  port: 'server.port',
  cwd: 'server.working_dir',
  pid_file: 'server.pid_file',
  merge_logs: 'logging.merge_logs',
  out_file: 'logging.file',
  log_file: 'logging.file',
};

/** Keys that choose the app or tell how it is read, and set nothing themselves. */
export const READ_ELSEWHERE: readonly string[] = ['name', 'args', 'exec_mode', 'env'];

/** Keys whose `true` is how this server works anyway. */
export const ALWAYS_TRUE: readonly string[] = ['wait_ready', 'time', 'autostart'];

const PROGRAM = 'the program is this server itself';
const PM2_PLUS = "PM2's own monitoring: metrics are on the primary's port";
const USER = 'the service manager chooses the user';
const CHILDREN = 'workers finish their calls and have no children';
const ISO_TIME = 'every line has its time in ISO 8601';

/** Keys that mean nothing here, with the reason. */
export const IGNORED: Readonly<Record<string, string>> = {
  script: PROGRAM,
  interpreter: PROGRAM,
  interpreter_args: PROGRAM,
  source_map_support: PROGRAM,
  disable_source_map_support: PROGRAM,
  execute_command: PROGRAM,
  install_url: PROGRAM,
  vizion: PROGRAM,
  post_update: PROGRAM,
  autostart: 'start starts it',
  force: 'a second start says that it runs already',
  namespace: 'there is one service; --pid-file tells several apart',
  append_env_to_name: 'there is one service; --pid-file tells several apart',
  filter_env: 'workers inherit no secrets',
  pmx: PM2_PLUS,
  automation: PM2_PLUS,
  monitoring: PM2_PLUS,
  trace: PM2_PLUS,
  disable_trace: PM2_PLUS,
  deep_monitoring: PM2_PLUS,
  v8: PM2_PLUS,
  event_loop_inspector: PM2_PLUS,
  uid: USER,
  gid: USER,
  user: USER,
  username: USER,
  wait_ready: 'a worker always says when it is ready',
  shutdown_with_message: CHILDREN,
  treekill: CHILDREN,
  kill_retry_time: CHILDREN,
  error_file: 'errors are in the same files as all lines; `logs --level error` shows them alone',
  disable_logs: 'logs are always kept, and rotated',
  log_type: 'LOG_FORMAT chooses the form of a line',
  log_date_format: ISO_TIME,
  time: ISO_TIME,
  watch_delay: 'changes within a second are taken together',
  watch_options: 'changes within a second are taken together',
};

export const DEPLOY_REASON = "PM2's remote deployment: docs/upgrade tells how a new version is brought out";

/**
 * How a worker's log lines reach the primary, which owns every log file: a pipe of its own, a line each, marked by its
 * first character. Both ends are bounded; what does not fit is dropped and counted (mcp_log_lines_dropped_total).
 */
export const WORKER_LOG_FD = 4;

/** Before a line of the worker's own log. */
export const LOG_MARK = 'l';
/** Before a line of the audit log. */
export const AUDIT_MARK = 'a';

/** Most bytes that wait in a writer for its reader. */
export const LOG_PIPE_MAX_BYTES = 4 * 1024 * 1024;
/** Longest line; longer ones are cut. */
export const LOG_LINE_MAX_BYTES = 64 * 1024;

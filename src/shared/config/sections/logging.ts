/** The section `logging`: which lines are written, in what form, where, and how files rotate. */
import { z } from 'zod';
import { choice, flag, optionalPath, size, whole } from '../fields.ts';

export const logging = z.strictObject({
  level: choice(['debug', 'info', 'warn', 'error'], {
    standard: 'info',
    env: ['LOG_LEVEL'],
    applies: 'rolling',
    says: 'Least important lines that are written.',
  }),
  format: choice(['json', 'text'], {
    standard: 'json',
    env: ['LOG_FORMAT'],
    applies: 'restart',
    says: 'Form of a line.',
  }),
  file: optionalPath({
    env: ['LOG_FILE'],
    applies: 'restart',
    says: 'File of the daemon; worker-N.log, audit.log and application.log stand beside it.',
  }),
  merge_logs: flag({ standard: true, applies: 'restart', says: 'Also writes all lines to application.log.' }),
  stdout: flag({
    standard: false,
    env: ['LOG_STDOUT'],
    applies: 'restart',
    says: 'Also writes all lines to standard output, where a container or journald collects them.',
  }),
  rotate: choice(['internal', 'external'], {
    standard: 'internal',
    applies: 'restart',
    says: 'Who rotates: this daemon, or logrotate, for which plain files are written and opened anew at a reload or `logs --reopen`.',
  }),
  max_size: size({
    min: '10K',
    max: '10G',
    standard: '10M',
    applies: 'restart',
    says: 'A log file is rotated at this size, and each day.',
  }),
  max_files: whole({
    min: 1,
    max: 1000,
    standard: 5,
    applies: 'restart',
    says: 'Rotated files that are kept of each log.',
  }),
});

/** The part of the table of errors that is about backups, bundles and changes of the configuration; see error-table.ts. */
import { entry } from './error-entry.ts';
import { EXIT } from './exit-codes.ts';

export const BACKUP_ERRORS = {
  BACKUP_FAILED: entry<{ dir: string; reason: string }>({
    http: 500,
    retry: true,
    exit: EXIT.failed,
    next: 'Nothing was left behind. Make room or choose another directory, then run it again; runbooks/backup.md.',
    text: (d) => `No archive could be written to ${d.dir}: ${d.reason}`,
  }),
  BACKUP_UNUSABLE: entry<{ file: string; reason: string; next?: string }>({
    http: 400,
    retry: false,
    exit: EXIT.failed,
    next: 'Nothing was changed. Take another backup; runbooks/backup.md tells how they are checked.',
    text: (d) => `The backup ${d.file} cannot be used: ${d.reason}`,
  }),
  PASSPHRASE_WRONG: entry<{ file: string }>({
    http: 403,
    retry: false,
    exit: EXIT.failed,
    next: 'Nothing was changed. Name the file with the passphrase of that backup: --passphrase-file FILE. More: runbooks/backup.md',
    text: (d) => `The passphrase does not open ${d.file}`,
  }),
  ENCRYPTION_FAILED: entry<{ reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Install gpg (package gpg or gnupg) and check the file of the passphrase. More: runbooks/backup.md',
    text: (d) => `gpg failed: ${d.reason}`,
  }),
  RESTORE_REFUSED: entry<{ reason: string; next: string }>({
    http: 409,
    retry: false,
    exit: EXIT.failed,
    next: 'Nothing was changed. More: runbooks/backup.md',
    text: (d) => `The backup is not restored: ${d.reason}`,
  }),
  SECRET_LEFT: entry<{ place: string; what: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Nothing was written. Look at that place, remove the secret from where it comes, and run it again. More: runbooks/escalation.md',
    text: (d) => `The bundle would hold ${d.what} (${d.place})`,
  }),
  CONFIG_TAKEN_BACK: entry<{ file: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'The service runs with the configuration it had. Read the reason, correct the file, apply it again. More: runbooks/reload-aborted.md',
    text: (d) => `${d.file} was put back as it was: ${d.reason}`,
  }),
  MONITORING_FAILED: entry<{ what: string; reason: string }>({
    http: 500,
    retry: true,
    exit: EXIT.failed,
    next: 'Correct the address, the token or the file named here and run it again; what was done is done the same again. More: runbooks/configuration.md',
    text: (d) => `${d.what} could not be set up: ${d.reason}`,
  }),
} as const;

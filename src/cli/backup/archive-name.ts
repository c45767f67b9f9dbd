/** Names of archives, with the moment they were made in UTC, and which of them are old enough to go. */

const NAME = /^snowflake-mcp-(backup|support)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.tar\.gz(\.gpg)?$/;

export type ArchiveKind = 'backup' | 'support';

export function stampOf(date: Date): string {
  return date.toISOString().replace(/[-:.]/g, '');
}

export function archiveName(kind: ArchiveKind, date: Date, isEncrypted: boolean): string {
  return `snowflake-mcp-${kind}-${stampOf(date)}.tar.gz${isEncrypted ? '.gpg' : ''}`;
}

/** Undefined for a file that is no backup of ours. @returns milliseconds since 1970 */
export function backupTimeMs(name: string): number | undefined {
  const match = NAME.exec(name);
  if (match?.[1] !== 'backup') return undefined;
  const [, , year, month, day, hour, minute, second, ms] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Backups made before the time kept; never the newest one. */
export function expiredBackups(names: readonly string[], nowMs: number, keepMs: number): string[] {
  const dated = names.flatMap((name) => {
    const time = backupTimeMs(name);
    return time === undefined ? [] : [{ name, time }];
  });
  const newest = Math.max(...dated.map(({ time }) => time));
  return dated.filter(({ time }) => time < nowMs - keepMs && time !== newest).map(({ name }) => name);
}

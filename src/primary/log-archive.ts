/**
 * The old files of one log: gzips those that are complete and removes the oldest over the number kept.
 *
 * The rotating transport could do both, but starts to read a file while its last lines are still on the way to it, and
 * forgets files when its own list is damaged. Here the directory is the list, and the names (NAME.DATE.NUMBER) tell the
 * age. Old means: not the one the link leads to and not open any more. Nothing fails: what cannot be done now is tried at the next occasion.
 */
import { createReadStream, createWriteStream, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A busy log is compressed beside calls that want the processor; the usual level takes twice as long for 4 % less. */
const QUICK = 1;
const ROTATED = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?(\.gz)?$/;

/**
 * @param path the link that leads to the newest file
 * @param isOpen tells whether somebody still writes to a file
 * @returns to be called whenever a file may have become old; the work goes on in the background
 */
export function createLogArchive(options: {
  path: string;
  maxFiles: number;
  mode: number;
  isOpen: (file: string) => boolean;
}): () => void {
  const { path, maxFiles, mode, isOpen } = options;
  let isWorking = false;
  const tidy = () => {
    try {
      const old = oldFiles(path).filter((file) => !isOpen(file));
      for (const file of old.slice(maxFiles)) rmSync(file, { force: true });
      const next = old.slice(0, maxFiles).findLast((file) => !file.endsWith('.gz'));
      if (isWorking || next === undefined) return;
      isWorking = true;
      compress(next, mode)
        .finally(() => {
          isWorking = false;
        })
        .then(tidy, () => {});
    } catch {
      // The directory is gone or closed; so the log file itself will be, and that is counted there.
    }
  };
  return tidy;
}

/** All but the current one, newest first. */
function oldFiles(path: string): string[] {
  const prefix = `${basename(path)}.`;
  const current = readlinkSync(path);
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && name !== current)
    .flatMap((name) => {
      const [, date, number = '0'] = ROTATED.exec(name.slice(prefix.length)) ?? [];
      return date === undefined ? [] : [{ name, date, number: Number(number) }];
    })
    .sort((a, b) => (a.date === b.date ? b.number - a.number : a.date < b.date ? 1 : -1))
    .map(({ name }) => join(dirname(path), name));
}

async function compress(file: string, mode: number): Promise<void> {
  const unfinished = `${file}.gz.tmp`;
  try {
    await pipeline(createReadStream(file), createGzip({ level: QUICK }), createWriteStream(unfinished, { mode }));
    renameSync(unfinished, `${file}.gz`);
    rmSync(file, { force: true });
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

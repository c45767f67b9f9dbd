/**
 * The programs that the primary starts: those of the package that the command is a file of, wherever its name leads now.
 *
 * Versions may stand side by side, with a link to the one in use. A process only knows the directory that it was loaded
 * from, so the name of the command is followed each time: what starts after the link was moved is the new version.
 */
import { realpathSync } from 'node:fs';
import { packageFile } from '../shared/package-files.ts';

interface Programs {
  worker(): string;
  /** Works out the configuration of a reload. */
  nextConfig(): string;
}

const OWN = packageFile('');

/** @param command the file that was run, by the name it was called */
export function createPrograms(command: string | undefined): Programs {
  const real = realPathOf(command);
  const place = real?.startsWith(OWN) ? real.slice(OWN.length) : undefined;
  const program = (path: string) => {
    const now = place === undefined ? undefined : realPathOf(command);
    return place !== undefined && now?.endsWith(`/${place}`) ? now.slice(0, -place.length) + path : packageFile(path);
  };
  return {
    worker: () => program('dist/worker/main.js'),
    nextConfig: () => program('dist/primary/next-config-main.js'),
  };
}

/** Undefined while it leads nowhere. */
function realPathOf(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : realpathSync(path);
  } catch {
    return undefined;
  }
}

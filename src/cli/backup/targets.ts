/** Where the files of a backup go when it is restored: places that the present arguments name, none that the backup does. */
import { basename, extname, join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import type { Manifest, Member } from './manifest.ts';

export interface Place {
  readonly cwd: string;
  /** The file of the configuration that is named or there. */
  readonly configFile: string | undefined;
  readonly paths: Pick<DaemonPaths, 'stateDir' | 'keysFile'>;
  readonly standardConfig: string;
}

export interface Target {
  readonly member: Member;
  readonly target: string;
}

/** @throws AppError RESTORE_REFUSED when the place of the configuration file is not known */
export function restoreTargets(manifest: Manifest, place: Place, isFull: boolean): Target[] {
  return manifest.files.flatMap((member) => {
    const target = targetOf(member, place, isFull);
    return target === undefined ? [] : [{ member, target }];
  });
}

function targetOf({ path, role }: Member, place: Place, isFull: boolean): string | undefined {
  const name = basename(path);
  if (role === 'config') return configTarget(name, place);
  if (role === 'environment') return join(place.cwd, 'config', name);
  if (role === 'dotenv') return name === '.env' || name === '.env.baseline' ? join(place.cwd, name) : undefined;
  if (!isFull) return undefined;
  if (role === 'keys') return place.paths.keysFile;
  return role === 'state' && name.endsWith('.lmdb') ? join(place.paths.stateDir, name) : undefined;
}

function configTarget(name: string, { configFile, standardConfig }: Place): string {
  const target = configFile ?? (name === basename(standardConfig) ? standardConfig : undefined);
  if (target !== undefined && extname(target) === extname(name)) return target;
  throw new AppError('RESTORE_REFUSED', {
    reason: `it is not known where its configuration file ${name} belongs`,
    next: `Nothing was changed. Name the file: --config DIR/${name}`,
  });
}

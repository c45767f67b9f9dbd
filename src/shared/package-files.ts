/**
 * Where the files of this package stand, seen from a built file: the same for one module and for a bundle, since both
 * lie two levels below the root of the package.
 */
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** @param path from the root of the package, such as `config/default.yaml` */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

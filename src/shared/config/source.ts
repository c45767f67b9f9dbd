/** One configuration file as a layer: of our own form (sections) or a PM2 ecosystem file (apps). */
import { isEcosystem, readEcosystem } from './ecosystem.ts';
import { isProgram, readTree } from './file.ts';
import { emptyLayer, fillFromTree, type Layer } from './layer.ts';
import type { Leaf } from './leaves.ts';

export interface Source {
  readonly layer: Layer;
  /** Environments that a PM2 file knows; undefined for a file of our own form. */
  readonly environments?: readonly string[];
}

/**
 * @param environment name of --env, which chooses `env_NAME` of a PM2 file
 * @throws AppError CONFIG_UNREADABLE when there is nothing in it that could be checked
 */
export function readSource(file: string, leaves: readonly Leaf[], environment: string | undefined): Source {
  const { tree, lineOf } = readTree(file);
  if (isProgram(file) || isEcosystem(tree)) return readEcosystem(tree, file, leaves, environment);
  const layer = emptyLayer(file);
  fillFromTree(layer, tree, leaves, (path) => {
    const line = lineOf(path);
    return line === undefined ? file : `${file}:${line}`;
  });
  return { layer };
}

/** The version of this package, read once from package.json, wherever the built files stand. */
import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.ts';

const manifest = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
  version: string;
};

export const VERSION = manifest.version;

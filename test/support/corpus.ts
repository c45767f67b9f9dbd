/** The statements of a file in test/corpus, which stand between lines of `-- ;;`. */
import { readFileSync } from 'node:fs';

export function readCorpus(name: string): string[] {
  const text = readFileSync(new URL(`../corpus/${name}`, import.meta.url), 'utf8');
  return text.split(/^-- ;;\n/m).map((statement) => statement.replace(/\n$/, ''));
}

/**
 * A PM2 file in the form of our own configuration: each key with a comment that says where it came from, and at the top
 * what was not taken over, with the reason. Secrets are named and left out, so that the file can be shown around.
 */
import { Document, isMap, isScalar } from 'yaml';
import type { EcosystemReading } from '../shared/config/ecosystem.ts';
import type { Leaf } from '../shared/config/leaves.ts';

/** @param source name of the PM2 file, and the environment that was chosen */
export function importedYaml(
  reading: EcosystemReading,
  source: { file: string; environment: string | undefined },
  leaves: readonly Leaf[],
): string {
  const document = new Document({});
  const secrets: string[] = [];
  for (const leaf of leaves) {
    const given = reading.layer.values.get(leaf.key);
    if (given === undefined) continue;
    if (leaf.meta.secret)
      secrets.push(`${leaf.key}: set ${leaf.meta.env?.[0] ?? leaf.key} in the environment or in .env`);
    else put(document, leaf, given.value, given.place.replace(`${reading.layer.name}: `, ''));
  }
  document.commentBefore = [
    ` Made from ${source.file}${source.environment === undefined ? '' : ` with env_${source.environment}`}. docs/config.md tells what each key does.`,
    ...section('Not taken over:', notTaken(reading, source.environment)),
    ...section('Secrets, which belong elsewhere:', secrets),
    ...section('To be known:', known(reading)),
  ].join('\n');
  return document.toString({ lineWidth: 0 });
}

function put(document: Document, leaf: Leaf, value: unknown, from: string): void {
  if (!document.hasIn([leaf.section])) document.setIn([leaf.section], document.createNode({}));
  document.setIn([leaf.section, leaf.name], document.createNode(written(value, leaf), { flow: true }));
  const map = document.getIn([leaf.section]);
  const pair = isMap(map) ? map.items.find(({ key }) => (isScalar(key) ? key.value : key) === leaf.name) : undefined;
  if (pair === undefined) return;
  const key = document.createNode(leaf.name);
  key.commentBefore = ` ${from}`;
  pair.key = key;
}

/** Numbers that came as text from variables and flags are numbers again. */
function written(value: unknown, leaf: Leaf): unknown {
  const isNumeric = leaf.meta.unit === 'number' || leaf.key === 'workers.count';
  return isNumeric && typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}

function notTaken({ dropped, environments }: EcosystemReading, chosen: string | undefined): string[] {
  return [
    ...dropped.map(({ path, reason }) => `${path}: ${reason}`),
    ...environments
      .filter((name) => name !== chosen)
      .map((name) => `env_${name}: import it with --env ${name} into config/${name}.yaml`),
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', ` ${title}`, ...lines.map((line) => `   ${line}`)];

function known({ layer }: EcosystemReading): string[] {
  return layer.warnings
    .filter((warning) => !warning.includes('not used here:'))
    .map((warning) => warning.replace(`${layer.name}: `, ''));
}

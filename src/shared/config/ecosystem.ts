/**
 * A PM2 ecosystem file as a source of the configuration: `{ apps: [{ name, instances, env, env_production, ... }] }`.
 *
 * Nothing is taken silently: a key is read, told as ignored with the reason, or a fault. Within the file the keys of the
 * app win over `args`, these over `env_NAME`, this over `env`; the file as a whole stands where a configuration file
 * does, so its `env` is weaker than the real environment and `.env`.
 */
import { type AppReading, readApp } from './ecosystem-app.ts';
import { appName, appsOf, chooseApps, isMapping, type PmApp } from './ecosystem-apps.ts';
import { DEPLOY_REASON } from './ecosystem-keys.ts';
import { emptyLayer, type Layer } from './layer.ts';
import type { Leaf } from './leaves.ts';

export interface Dropped {
  /** `apps[0].pmx` */
  readonly path: string;
  readonly reason: string;
}

export interface EcosystemReading {
  readonly layer: Layer;
  readonly dropped: readonly Dropped[];
  /** Names that --env may choose. */
  readonly environments: readonly string[];
}

export const isEcosystem = (tree: unknown): boolean => appsOf(tree) !== undefined;

const MAX_APPS = 100;

export function readEcosystem(
  tree: unknown,
  file: string,
  leaves: readonly Leaf[],
  environment: string | undefined,
): EcosystemReading {
  const layer = emptyLayer(file);
  const nothing = { layer, dropped: [], environments: [] };
  const items = appsOf(tree);
  if (items === undefined || items.length === 0 || items.length > MAX_APPS) {
    layer.faults.push(`${file}: it must hold or export { apps: [...] } with 1 to ${MAX_APPS} apps`);
    return nothing;
  }
  const wrong = items.findIndex((item) => !isMapping(item));
  if (wrong !== -1) layer.faults.push(`${file}: apps[${wrong}] is no app (a mapping of keys)`);
  const apps = items.filter(isMapping);
  const chosen = wrong === -1 ? chooseApps(apps) : undefined;
  if (chosen === undefined) {
    if (wrong === -1) layer.faults.push(`${file}: none of its apps is this service (all of them speak stdio)`);
    return nothing;
  }
  const { main, websocket } = chosen;
  const dropped: Dropped[] = [...topLevel(tree, file, layer)];
  const reading = readApp(main.app, { file, index: main.index, leaves, environment });
  dropped.push(...reading.dropped);
  for (const [key, given] of reading.layer.values) layer.values.set(key, given);
  layer.faults.push(...reading.layer.faults);
  layer.warnings.push(...reading.layer.warnings);
  if (websocket !== undefined) mergeWebsocket(websocket, reading, layer, file);
  for (const { index, name, reason } of chosen.others) dropped.push({ path: `apps[${index}] (${name})`, reason });
  if (dropped.length > 0) layer.warnings.push(`${file}: not used here: ${grouped(dropped)}`);
  return { layer, dropped, environments: reading.environments };
}

function topLevel(tree: unknown, file: string, layer: Layer): Dropped[] {
  if (!isMapping(tree)) return [];
  for (const key of Object.keys(tree)) {
    if (key !== 'apps' && key !== 'deploy') layer.faults.push(`${file}: ${key} is not a key of a PM2 file`);
  }
  return Object.hasOwn(tree, 'deploy') ? [{ path: 'deploy', reason: DEPLOY_REASON }] : [];
}

/** Its port is the service's; its health check is asked there too. */
function mergeWebsocket(
  { app, index }: { app: PmApp; index: number },
  main: AppReading,
  layer: Layer,
  file: string,
): void {
  const name = appName(app, index);
  layer.warnings.push(
    `${file}: app ${name} is merged into the service: one port, the workers and limits of the first app; its own are not used`,
  );
  const url = app.health_check_url;
  if (url === undefined) return;
  const given = main.layer.values.get('workers.health_check_url');
  const place = `${file}: apps[${index}].health_check_url`;
  layer.values.set('workers.health_check_url', {
    value: [...(given === undefined ? [] : [given.value].flat()), url],
    place: given?.place ?? place,
  });
}

/** `script, interpreter (the reason); pmx (another)` */
function grouped(dropped: readonly Dropped[]): string {
  const reasons = [...new Set(dropped.map(({ reason }) => reason))];
  return reasons
    .map((reason) => {
      const paths = dropped
        .filter((entry) => entry.reason === reason)
        .map(({ path }) => path.replace(/^apps\[\d+\]\./, ''));
      return `${paths.join(', ')} (${reason})`;
    })
    .join('; ');
}

/**
 * Which apps a PM2 file has, and which of them is this service.
 *
 * The old server ran as several processes: HTTP, WebSocket and stdio. Here HTTP and WebSocket share one port and stdio
 * is a program that its client starts, so one app is taken and the others are told.
 */
export type PmApp = Readonly<Record<string, unknown>>;

export interface ChosenApps {
  readonly main: { readonly app: PmApp; readonly index: number };
  /** A WebSocket app beside it, merged into the same port. */
  readonly websocket?: { readonly app: PmApp; readonly index: number };
  /** Apps left out, with the reason. */
  readonly others: readonly { readonly index: number; readonly name: string; readonly reason: string }[];
}

export function isMapping(value: unknown): value is PmApp {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The apps of what a file holds or exports; undefined when it is no PM2 file. */
export function appsOf(tree: unknown): readonly unknown[] | undefined {
  if (Array.isArray(tree)) return tree;
  if (!isMapping(tree) || !Object.hasOwn(tree, 'apps')) return undefined;
  return Array.isArray(tree.apps) ? tree.apps : [tree.apps];
}

type Kind = 'http' | 'websocket' | 'stdio' | 'other';

export function appName(app: PmApp, index: number): string {
  return typeof app.name === 'string' && app.name !== '' ? app.name : `apps[${index}]`;
}

/** Undefined when there is no app that could be this service. */
export function chooseApps(apps: readonly PmApp[]): ChosenApps | undefined {
  const all = apps.map((app, index) => ({ app, index, name: appName(app, index), kind: kindOf(app) }));
  const first = (kind: Kind) => all.find((entry) => entry.kind === kind);
  const websocket = first('websocket');
  const main = first('http') ?? first('other') ?? websocket;
  if (main === undefined) return undefined;
  const others = all
    .filter((entry) => entry !== main && entry !== websocket)
    .map(({ index, name, kind }) => ({
      index,
      name,
      reason: kind === 'stdio' ? 'an MCP client starts `snowflake-mcp` itself' : 'this daemon runs one service',
    }));
  return {
    main: { app: main.app, index: main.index },
    ...(websocket === undefined || websocket === main ? {} : { websocket }),
    others,
  };
}

/** By the name, else by the program and its arguments. */
function kindOf(app: PmApp): Kind {
  const texts = [app.name, [app.script, app.args].flat().join(' ')];
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    if (/websocket|\bws\b/i.test(text)) return 'websocket';
    if (/stdio/i.test(text)) return 'stdio';
    if (/http/i.test(text)) return 'http';
  }
  return 'other';
}

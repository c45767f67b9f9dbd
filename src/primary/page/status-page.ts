/**
 * The status page for people: the page, its script, style and icon, and its live events.
 *
 * A page is made when somebody asks, at most once a second, however many ask. It only reads, and shows no secret, no
 * text of a statement and no id of a session.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { packageFile } from '../../shared/package-files.ts';
import { type Linked, pageDocument } from './document.ts';
import { type Frame, frameOf, type Scene } from './frame.ts';
import { createListeners, type ListenerDoors } from './listeners.ts';
import { askQueries, type QueryRow } from './queries.ts';

export interface PageFile {
  readonly type: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StatusPage {
  /** @param path of the page or of one of its files */
  file(path: string): Promise<PageFile>;
  /** @throws AppError PAGE_FULL */
  listen(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

export interface PageDoors extends Omit<ListenerDoors, 'frame'> {
  /** Monotonic. */
  now(): number;
  scene(): Omit<Scene, 'queries'>;
}

const FRESH_MS = 900;
const QUERIES_FRESH_MS = 2000;
const SAFE: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
const LIVE = { ...SAFE, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
const KEPT = { ...SAFE, 'cache-control': 'public, max-age=31536000, immutable' };

export function createStatusPage(doors: PageDoors): StatusPage {
  const script = readFileSync(packageFile('dist/page/main.js'), 'utf8');
  const style = readFileSync(packageFile('dist/page/main.css'), 'utf8');
  const icon = readFileSync(packageFile('dist/page/icon.svg'), 'utf8');
  const links = {
    script: linked('status.js', script),
    style: linked('status.css', style),
    icon: linked('status.svg', icon).path,
  };
  let asked: { at: number; rows: Promise<readonly QueryRow[] | undefined> } | undefined;
  let made: { at: number; frame: Promise<Frame>; text: Promise<string> } | undefined;

  const make = (now: number) => {
    const scene = doors.scene();
    if (asked === undefined || now - asked.at >= QUERIES_FRESH_MS) {
      asked = { at: now, rows: askQueries(scene.status.workers) };
    }
    const frame = asked.rows.then((queries) => frameOf({ ...scene, queries }));
    return { at: now, frame, text: frame.then((parts) => pageDocument(parts, links)) };
  };
  const fresh = () => {
    const now = doors.now();
    if (made === undefined || now - made.at >= FRESH_MS) made = make(now);
    return made;
  };
  const listeners = createListeners({ ...doors, frame: () => fresh().frame });
  return {
    async file(path) {
      switch (path) {
        case '/status.js':
          return { type: 'text/javascript; charset=utf-8', body: script, headers: KEPT };
        case '/status.css':
          return { type: 'text/css; charset=utf-8', body: style, headers: KEPT };
        case '/status.svg':
          return { type: 'image/svg+xml', body: icon, headers: KEPT };
        default:
          return { type: 'text/html; charset=utf-8', body: await fresh().text, headers: LIVE };
      }
    },
    listen: (request, response) => listeners.add(request, response, LIVE),
    close: () => listeners.close(),
  };
}

function linked(name: string, text: string): Linked {
  const hash = createHash('sha256').update(text).digest();
  return { path: `${name}?v=${hash.toString('hex').slice(0, 12)}`, integrity: `sha256-${hash.toString('base64')}` };
}

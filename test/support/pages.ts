/** The pages of this repository as text: links, anchors and the commands in their fenced blocks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from './process.ts';

export interface Fence {
  readonly page: string;
  readonly language: string;
  readonly lines: readonly string[];
}

/** What is installed or built. */
const FOREIGN = new Set(['node_modules', 'dist', 'coverage']);

/** Every page of the repository, as paths from its root. */
export function allPages(folder = ''): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return path.endsWith('.md') ? [path] : [];
    return entry.name.startsWith('.') || FOREIGN.has(entry.name) ? [] : allPages(path);
  });
}

export const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** The names by which sections can be linked, made as GitHub makes them. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const titles = withoutFences(textOf(page)).matchAll(/^#{1,6} (.+)$/gm);
  return new Set([...titles].map(([, title = '']) => slug(title)));
}

function slug(title: string): string {
  const words = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

/** Links to files of the repository that lead nowhere, as `PAGE: LINK`. */
export function brokenLinks(page: string): readonly string[] {
  const links = [...withoutFences(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link))
    .map((link) => `${page}: ${link}`);
}

/** @param link as it stands in `page`: a path from there, an anchor, or both */
export function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(target).has(anchor);
}

export function fencesOf(page: string): readonly Fence[] {
  const blocks = textOf(page).matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].map(([, language = '', body = '']) => ({
    page,
    language,
    lines: body.split('\n').filter((line) => line.trim() !== ''),
  }));
}

function withoutFences(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}

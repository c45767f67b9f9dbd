/** The status page in a real browser: live, for the keyboard, for every screen, under its own policy. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPort } from '../../src/primary/port-check.ts';
import { slowSql } from '../support/account-daemon.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { connectClient, type McpClient } from '../support/mcp-client.ts';
import { tempDir } from '../support/temp-dir.ts';

const SECRET_LITERAL = 'zq-secret-literal';
const IMAGES = 'docs/images';
/** Long enough for charts with something to see. */
const LOAD_MS = process.env.UPDATE_SCREENSHOTS === '1' ? 3 * 60_000 : 0;

let daemon: Daemon;
let browser: Browser;
let client: McpClient;
let slow: AbortController;

beforeAll(async () => {
  [daemon, browser] = await Promise.all([
    startDaemon({ workers: 2 }),
    chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] }),
  ]);
  client = await connectClient(daemon.url);
  await client.call('execute_query', { query: 'SELECT 1 AS A' });
  slow = new AbortController();
}, 120_000);

afterAll(async () => {
  slow.abort();
  await browser?.close();
  await client?.client.close();
  await daemon?.[Symbol.asyncDispose]();
});

/** A page that is live, with everything it complained about. */
async function open(options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${daemon.metricsUrl}/`)) faults.push(`outside: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    if (!request.url().endsWith('/events')) faults.push(`failed: ${request.url()}`);
  });
  await page.goto(daemon.metricsUrl);
  if (options.javaScriptEnabled !== false) await page.locator('#live[data-state=on]').waitFor();
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

const rows = (page: Page) => page.locator('#workers tr');

test('status page: it shows each worker, in landmarks and named tables, and asks for nothing outside', async () => {
  await using opened = await open();
  const { page, faults } = opened;
  expect(await rows(page).count()).toBe(2);
  expect(await rows(page).first().getByRole('rowheader').textContent()).toBe('0');
  for (const role of ['banner', 'main', 'contentinfo', 'navigation'] as const) {
    expect([role, await page.getByRole(role).count()]).toEqual([role, 1]);
  }
  const columns = await page.getByRole('region', { name: 'Workers' }).getByRole('columnheader').allInnerTexts();
  expect(columns).toEqual(expect.arrayContaining(['State', 'Restarts', 'Incarnation', 'Uptime', 'Memory', 'Sessions']));
  expect(await page.getByRole('img').count()).toBe(6);
  expect(await page.getByRole('img', { name: /^Requests per second: requests\/s now/ }).count()).toBe(1);
  await page.locator('#facts').getByText('healthy').waitFor({ timeout: 30_000 });
  expect(faults).toEqual([]);
});

test('status page: a query that runs is shown, without its text, its caller or a whole session id', async () => {
  await using opened = await open();
  const { page } = opened;
  const query = slowSql('N').replace('SELECT', `SELECT '${SECRET_LITERAL}' AS L,`);
  client.call('execute_query', { query }, slow.signal).catch(() => {});
  await page.locator('#queries').getByText('execute_query').waitFor({ timeout: 30_000 });
  const markup = await page.content();
  expect(markup).not.toContain(SECRET_LITERAL);
  expect(markup).not.toContain(client.sessionId);
  slow.abort();
  await page.locator('#queries').getByText('No query runs.').waitFor({ timeout: 30_000 });
});

test('status page: the death of a worker is seen and said without a reload of the page', async () => {
  await using opened = await open();
  const { page, faults } = opened;
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  const victim = (await daemon.status()).workers[1];
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await page.locator('#workers').getByText('killed ×1').waitFor({ timeout: 30_000 });
  await page.locator('#events').getByText('worker 1 ended: killed (SIGKILL').waitFor();
  await eventually(async () => ((await page.locator('#announce').textContent()) ?? '').includes('worker 1 ended'));
  await eventually(async () => ((await rows(page).nth(1).textContent()) ?? '').includes('ready'), {
    deadlineMs: 30_000,
  });
  expect(await rows(page).nth(1).textContent()).not.toContain(String(victim?.pid));
  expect(await page.evaluate(() => Object.hasOwn(globalThis, 'isSamePage'))).toBe(true);
  expect(faults).toEqual([]);
});

test('status page: a reload in progress is shown with its step, and its end by the generation', async () => {
  await using opened = await open();
  const { page, faults } = opened;
  const before = (await daemon.status()).generation;
  const reload = daemon.cli('reload', '--wait');
  await page
    .locator('#notices')
    .getByText(/A reload is in progress for/)
    .waitFor({ timeout: 30_000 });
  expect(await page.locator('#state').textContent()).toContain('Reloading');
  expect((await reload).code).toBe(0);
  await page
    .locator('#facts')
    .getByText(String(before + 1), { exact: true })
    .waitFor({ timeout: 30_000 });
  await eventually(async () => !((await page.locator('#notices').textContent()) ?? '').includes('in progress'));
  expect(faults).toEqual([]);
});

interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value: unknown } }[];
}

test('status page: a screen reader hears a name for everything, and headings in their order', async () => {
  await using opened = await open();
  const session = await opened.page.context().newCDPSession(opened.page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: readonly AccessibleNode[] };
  const heard = nodes.filter(({ ignored }) => !ignored);
  const ofRole = (...roles: string[]) => heard.filter(({ role }) => roles.includes(role?.value ?? ''));
  const named = ofRole('RootWebArea', 'link', 'region', 'image', 'img', 'columnheader', 'rowheader', 'navigation');
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter(({ name }) => (name?.value ?? '').trim() === '')).toEqual([]);
  const levels = ofRole('heading').map(
    ({ properties }) => properties?.find(({ name }) => name === 'level')?.value.value as number,
  );
  expect(levels[0]).toBe(1);
  expect(levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1)).toEqual([]);
  expect(await opened.page.evaluate('document.documentElement.lang')).toBe('en');
  expect(await opened.page.locator('th:not([scope])').count()).toBe(0);
});

test('status page: the keyboard reaches everything in reading order, with a visible focus', async () => {
  await using opened = await open();
  const { page } = opened;
  const reached: string[] = [];
  for (let presses = 0; presses < 9; presses += 1) {
    await page.keyboard.press('Tab');
    const focus = page.locator(':focus');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    reached.push(`${(await focus.getAttribute('aria-labelledby')) ?? (await focus.textContent())} ${outline}`);
  }
  expect(reached).toEqual([
    'Skip to the workers solid',
    'workers-title solid',
    'queries-title solid',
    'events-title solid',
    '/status solid',
    '/metrics solid',
    '/livez solid',
    '/readyz solid',
    '/openapi.json solid',
  ]);
});

test('status page: while the daemon restarts it says that its figures are old, and is live again by itself', async () => {
  await using own = await startDaemon({ workers: 1, metricsPort: await claimPort('127.0.0.1', 0, 'test') });
  await using context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(own.metricsUrl);
  const live = page.locator('#live[data-state=on]');
  await live.waitFor();
  await page.locator('#facts').getByText(String(own.pid), { exact: true }).waitFor();
  const restart = own.cli('restart');
  await page.locator('#live[data-state=off]').getByText('the figures are old').waitFor({ timeout: 30_000 });
  expect((await restart).code).toBe(0);
  await live.waitFor({ timeout: 30_000 });
  const { pid } = await own.status();
  expect(pid).not.toBe(own.pid);
  await page.locator('#facts').getByText(String(pid), { exact: true }).waitFor();
});

test('status page: where no more may watch it live, it loads anew by itself and says so', async () => {
  await using dir = tempDir();
  writeFileSync(join(dir.path, 'c.json'), JSON.stringify({ metrics: { page_listeners: 0 } }));
  await using own = await startDaemon({ workers: 1, args: ['--config', join(dir.path, 'c.json')] });
  await using context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(own.metricsUrl);
  await page.locator('#live[data-state=anew]').getByText('Loads anew every 5 seconds').waitFor();
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  process.kill((await own.status()).workers[0]?.pid ?? 0, 'SIGKILL');
  await page.locator('#workers').getByText('killed ×1').waitFor({ timeout: 30_000 });
  expect(await page.locator('#live').getAttribute('data-state')).toBe('anew');
  expect(await page.evaluate(() => Object.hasOwn(globalThis, 'isSamePage'))).toBe(true);
});

test('status page: without a script it shows the same and loads itself anew', async () => {
  await using opened = await open({ javaScriptEnabled: false });
  const { page, faults } = opened;
  expect(await rows(page).count()).toBe(2);
  expect(await page.getByRole('img').count()).toBe(6);
  expect(await page.locator('noscript').innerHTML()).toContain('http-equiv="refresh"');
  expect(faults).toEqual([]);
});

const SCREENS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' }],
];

test(
  'status page: it is legible in light, in the dark and on a phone, and nothing runs over',
  async () => {
    if (LOAD_MS > 0) {
      await loadFor(LOAD_MS);
      // Something to see among the queries that run; its end is that of the session.
      client.call('execute_query', { query: slowSql('PICTURE') }).catch(() => {});
      await using shown = await open();
      await shown.page.locator('#queries').getByText('execute_query').waitFor({ timeout: 30_000 });
    }
    for (const [name, options] of SCREENS) {
      await using opened = await open(options);
      const { page } = opened;
      const low = await page.evaluate(LOW_CONTRAST);
      expect([name, low]).toEqual([name, []]);
      const [wide, width] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[];
      expect([name, wide]).toEqual([name, width]);
      const moves = await page.evaluate('getComputedStyle(document.getElementById("live"), "::before").animationName');
      expect([name, moves]).toEqual([name, options.reducedMotion === 'reduce' ? 'none' : 'pulse']);
      const picture = await page.screenshot({ fullPage: name !== 'phone' });
      expect(picture.length).toBeGreaterThan(20_000);
      if (LOAD_MS === 0) continue;
      mkdirSync(IMAGES, { recursive: true });
      writeFileSync(`${IMAGES}/status-${name}.png`, picture);
    }
  },
  LOAD_MS + 120_000,
);

/** Texts whose contrast to what lies behind them is below 4.5 : 1. */
const LOW_CONTRAST = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = numbers(color).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const bad = [];
  for (const element of document.querySelectorAll('body *')) {
    const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!isText || ['SCRIPT', 'NOSCRIPT'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const pair = [light(element.tagName === 'text' ? style.fill : style.color), light(behind(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) bad.push(element.textContent + ' ' + ratio.toFixed(1));
  }
  return bad;
})()`;

/** Calls that come and go. */
async function loadFor(ms: number): Promise<void> {
  const end = performance.now() + ms;
  const clients = await Promise.all(Array.from({ length: 6 }, () => connectClient(daemon.url)));
  const queries = ['SELECT 1 AS A', 'SELECT COUNT(*) FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.ORDERS', 'SHOW TABLES'];
  await Promise.all(
    clients.map(async (each, at) => {
      for (let turn = 0; performance.now() < end; turn += 1) {
        await each.call('execute_query', { query: queries[turn % queries.length] ?? '' });
        const calm = 1 + Math.sin(performance.now() / 40_000 + at);
        await new Promise((resolve) => setTimeout(resolve, 150 + 500 * calm));
      }
    }),
  );
}

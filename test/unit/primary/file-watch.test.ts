import { expect, test } from 'vitest';
import { createIgnore } from '../../../src/primary/file-watch.ts';

const DIR = '/srv/app';
const isIgnored = createIgnore(
  ['logs', '*.log', './tmp/cache', '__pycache__', 'data/**/*.csv'],
  ['/srv/app/d.pid', '/srv/app/run'],
  DIR,
);

test.each([
  '/srv/app/node_modules/x/index.js',
  '/srv/app/.git/HEAD',
  '/srv/app/logs',
  '/srv/app/deep/logs/a.txt',
  '/srv/app/deep/a.log',
  'a.log',
  '/srv/app/tmp/cache/x',
  '/srv/app/a/__pycache__/m.pyc',
  '/srv/app/data/2026/01/x.csv',
  '/srv/app/d.pid',
  '/srv/app/run/control.sock',
])('watch: %s is ignored', (path) => {
  expect(isIgnored(path)).toBe(true);
});

test.each([
  '/srv/app',
  '/srv/app/.env',
  '/srv/app/config/a.yaml',
  '/srv/app/logs.txt',
  '/srv/app/a.log.txt',
  '/srv/app/tmp',
  '/srv/app/runner',
])('watch: %s is watched', (path) => {
  expect(isIgnored(path)).toBe(false);
});

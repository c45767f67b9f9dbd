import { expect, test } from 'vitest';
import { createGuard } from '../../../../src/worker/http/guard.ts';

const none = { allowedHosts: [], allowedOrigins: [] };

test('guard: loopback names and the configured host pass, whatever the port', () => {
  const guard = createGuard({ host: 'localhost', allowedHosts: ['mcp.example.com'], allowedOrigins: [] });
  const good = [
    'localhost',
    'LOCALHOST:8000',
    '127.0.0.1:1',
    '[::1]:8000',
    '127.9.9.9',
    'mcp.example.com:443',
    'localhost.',
  ];
  expect(good.map((host) => guard.allowsHost(host))).toEqual(good.map(() => true));
  const bad = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '',
    'a@localhost',
    undefined,
  ];
  expect(bad.map((host) => guard.allowsHost(host))).toEqual(bad.map(() => false));
});

test('guard: on a wildcard address IP literals pass, names must be configured', () => {
  const guard = createGuard({ ...none, host: '0.0.0.0' });
  expect(guard.allowsHost('10.1.2.3:8000')).toBe(true);
  expect(guard.allowsHost('[fe80::1]:8000')).toBe(true);
  expect(guard.allowsHost('rebound.example:8000')).toBe(false);
});

test('guard: no Origin passes, loopback and configured origins do, others and null do not', () => {
  const guard = createGuard({ host: 'localhost', allowedHosts: [], allowedOrigins: ['https://app.example.com/'] });
  const good = [undefined, 'http://localhost:6274', 'https://127.0.0.1', 'https://app.example.com'];
  expect(good.map((origin) => guard.allowsOrigin(origin))).toEqual(good.map(() => true));
  const bad = ['null', 'https://evil.example', 'https://app.example.com.evil.example', 'file://localhost', ''];
  expect(bad.map((origin) => guard.allowsOrigin(origin))).toEqual(bad.map(() => false));
  expect(createGuard({ host: 'localhost', allowedHosts: [], allowedOrigins: ['*'] }).allowsOrigin('https://x.y')).toBe(
    true,
  );
});

test('guard: on a wildcard address a page that comes from an address is as foreign as any other', () => {
  const guard = createGuard({
    allowedHosts: ['mcp.example.com'],
    allowedOrigins: ['http://10.0.0.9'],
    host: '0.0.0.0',
  });
  expect(['http://203.0.113.7', 'https://[2001:db8::1]:8443'].map((origin) => guard.allowsOrigin(origin))).toEqual([
    false,
    false,
  ]);
  const good = ['http://10.0.0.9', 'https://mcp.example.com', 'http://127.0.0.1:6274', 'http://[::1]:1'];
  expect(good.map((origin) => guard.allowsOrigin(origin))).toEqual(good.map(() => true));
});

import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { resourceOf } from '../../../../src/worker/http/resource-metadata.ts';

const of = (auth: object, server: object = {}) => resourceOf(configSchema.parse({ auth, server }));

test('resource: the configured address, else the first audience that is one, else where the service listens', () => {
  const audience = ['api://mcp', 'https://mcp.example.com/mcp', 'https://other.example.com'];
  expect(of({ oauth_audience: audience, oauth_resource: 'https://gw.example.com/mcp' })).toBe(
    'https://gw.example.com/mcp',
  );
  expect(of({ oauth_audience: audience })).toBe('https://mcp.example.com/mcp');
  expect(of({ oauth_audience: ['api://mcp'] }, { host: '::1', port: 8123 })).toBe('http://[::1]:8123/mcp');
});

test('resource: with a certificate of its own the service is told by https', () => {
  const server = { host: 'mcp.example.com', tls_cert: '/etc/tls.crt', tls_key: '/etc/tls.key' };
  expect(of({ oauth_audience: ['api://mcp'] }, server)).toBe('https://mcp.example.com:8000/mcp');
});

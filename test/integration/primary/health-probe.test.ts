/** The health check against real unix sockets, well and ill. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeHealth } from '../../../src/primary/health-probe.ts';

let dir: string;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const socket = () => join(dir, 'w.sock');
const asked: string[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'probe-'));
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['mcp-session-id'] ?? ''}`.trim());
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(socket(), done));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(dir, { recursive: true, force: true });
});

test.each([
  [200, undefined],
  [204, undefined],
  [302, undefined],
  [404, '/health?full=1 answers 404'],
  [503, '/health?full=1 answers 503'],
])('probe: an answer of %i is told as %s', async (status, fault) => {
  answer = (_request, response) => response.writeHead(status).end(status === 204 ? undefined : '{}');
  expect(await probeHealth(socket(), { path: '/health?full=1', wants: 'success' }, 3000)).toBe(fault);
  expect(asked).toEqual(['GET /health?full=1']);
});

test('probe: a worker that accepts and says nothing is given up in time', async () => {
  answer = () => {};
  const fault = await probeHealth(socket(), { path: '/health', wants: 'success' }, 100);
  expect(fault).toBe('/health does not answer within 100 ms');
});

test('probe: one that starts an answer and does not end it is given up too', async () => {
  answer = (_request, response) => void response.writeHead(200).write('{');
  const fault = await probeHealth(socket(), { path: '/health', wants: 'success' }, 100);
  expect(fault).toBe('/health does not answer within 100 ms');
});

test('probe: an endless answer is cut', async () => {
  answer = (_request, response) => void response.end(Buffer.alloc(3 * 1024 * 1024));
  const fault = await probeHealth(socket(), { path: '/health', wants: 'success' }, 3000);
  expect(fault).toContain('too long');
});

test('probe: a socket that is gone is told, not thrown', async () => {
  const fault = await probeHealth(join(dir, 'none.sock'), { path: '/health', wants: 'success' }, 3000);
  expect(fault).toBe('/health cannot be asked: ENOENT');
});

test('probe: a connection that breaks off is told', async () => {
  answer = (request) => void request.socket.destroy();
  expect(await probeHealth(socket(), { path: '/health', wants: 'success' }, 3000)).toContain('cannot be asked');
});

test('probe: a WebSocket address opens an MCP session and ends it', async () => {
  answer = (request, response) =>
    response.writeHead(200, request.method === 'POST' ? { 'mcp-session-id': 's1' } : {}).end('{}');
  expect(await probeHealth(socket(), { path: '/mcp', wants: 'answers' }, 3000)).toBeUndefined();
  expect(asked).toEqual(['POST /mcp', 'DELETE /mcp s1']);
  answer = (_request, response) => response.writeHead(503).end();
  expect(await probeHealth(socket(), { path: '/mcp', wants: 'answers' }, 3000)).toBe('/mcp answers 503');
});

/** Access tokens of an issuer on this machine: what is accepted, what is refused and in which words. */
import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { connectClient, INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;
let issuer: TokenIssuer;
beforeEach(async () => {
  cluster = createTestCluster();
  issuer = await startTokenIssuer();
});
afterEach(async () => {
  await cluster.close();
  await issuer.close();
});

const start = (auth: Record<string, unknown> = {}, more: Record<string, Record<string, unknown>> = {}) =>
  cluster.start(fakeQueryService(), {
    auth: { oauth_issuer: issuer.url, oauth_audience: [AUDIENCE], ...auth },
    ...more,
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function ask(url: string, headers: Record<string, string>) {
  const answer = await post(url, INITIALIZE, headers);
  return {
    status: answer.status,
    challenge: answer.headers.get('www-authenticate') ?? '',
    retryAfter: answer.headers.get('retry-after'),
    text: await answer.text(),
  };
}

test('oauth: a client without a token learns from 401 and the metadata where to get one', async () => {
  const { url } = await start({ oauth_required_scopes: ['mcp'] });
  const { status, challenge } = await ask(url, {});
  expect(status).toBe(401);
  expect(challenge).toBe(
    'Bearer scope="mcp read", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
  );
  for (const path of ['', '/mcp']) {
    const metadata = await (await fetch(`${url}/.well-known/oauth-protected-resource${path}`)).json();
    expect(metadata).toEqual({
      resource: AUDIENCE,
      authorization_servers: [issuer.url],
      scopes_supported: ['read', 'write', 'admin', 'metrics'],
      bearer_methods_supported: ['header'],
      resource_name: 'Snowflake over MCP',
    });
  }
});

test('oauth: without an issuer there are no metadata', async () => {
  const { url } = await cluster.start(fakeQueryService());
  expect((await fetch(`${url}/.well-known/oauth-protected-resource`)).status).toBe(404);
});

test('oauth: a good token is its subject; the same subject with a newer token has the same session', async () => {
  const { url } = await start();
  const { client, close } = await connectClient(url, bearer(await issuer.sign()));
  const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
  expect(structuredContent).toMatchObject({ principal: 'oauth:alice', scopes: ['read'] });
  await close();
  const id = await rawSession(url, bearer(await issuer.sign()));
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const again = await post(url, list, { ...bearer(await issuer.sign({ jti: 'other' })), 'mcp-session-id': id });
  expect(again.status).toBe(200);
  await again.text();
  const mallory = await post(url, list, { ...bearer(await issuer.sign({ sub: 'mallory' })), 'mcp-session-id': id });
  expect([mallory.status, await mallory.text()]).toEqual([404, expect.not.stringContaining('alice')]);
});

const MINUTE = 60;
const now = () => Math.floor(Date.now() / 1000);
test.each<[string, string, (to: TokenIssuer) => Promise<string>]>([
  ['expired', 'expired', (to) => to.sign({ exp: now() - MINUTE })],
  ['not valid yet', '(nbf)', (to) => to.sign({ nbf: now() + 5 * MINUTE })],
  ['without an end', 'exp', (to) => to.sign({ exp: undefined })],
  ['for another audience', '(aud)', (to) => to.sign({ aud: 'https://other.example.com' })],
  ['without an audience', 'aud', (to) => to.sign({ aud: undefined })],
  ['of another issuer', '(iss)', (to) => to.sign({ iss: 'https://evil.example.com' })],
  ['without a subject', 'sub', (to) => to.sign({ sub: undefined })],
  ['of another type', '(typ)', (to) => to.sign({}, { typ: 'logout+jwt' })],
  ['with a key nobody has', '(kid)', (to) => to.sign({}, { kid: 'nobody' })],
  [
    'without a signature',
    '(alg)',
    async (to) => {
      const [, payload] = (await to.sign()).split('.');
      return `${base64({ alg: 'none', typ: 'at+jwt' })}.${payload}.`;
    },
  ],
  [
    'signed with the public key as a secret',
    '(alg)',
    async (to) => {
      const [, payload] = (await to.sign()).split('.');
      const head = `${base64({ alg: 'HS256', typ: 'at+jwt', kid: to.key().kid })}.${payload}`;
      const secret = await exportSPKI(to.key().publicKey);
      return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
    },
  ],
  [
    'whose claims were changed',
    'signature',
    async (to) => {
      const [head, payload = '', signature] = (await to.sign()).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      return `${head}.${base64({ ...claims, scope: 'read admin' })}.${signature}`;
    },
  ],
  ['that is none', 'not known', async () => 'hello'],
  ['with embedded keys of its own', '(kid)', (to) => to.sign({}, { kid: '../../etc/passwd' })],
])('oauth: a token %s is refused (%s)', async (_what, words, make) => {
  const { url } = await start();
  const { status, challenge, text } = await ask(url, bearer(await make(issuer)));
  expect([status, text]).toEqual([401, expect.stringContaining(words)]);
  expect(challenge).toMatch(
    /^Bearer error="invalid_token", error_description="[^"]+", scope="read", resource_metadata="/,
  );
});

test('oauth: scopes of the issuer are mapped; what is missing is 403 with the issuer’s word for it', async () => {
  const { url } = await start(
    { oauth_scope_map: ['sf:query=read', 'sf:change=write', 'sf:ops=admin'] },
    { policy: { write_sql_commands: ['insert'] }, admin: { trust_loopback: false } },
  );
  const none = await ask(url, bearer(await issuer.sign({ scope: 'read' })));
  expect([none.status, none.challenge]).toEqual([
    403,
    expect.stringContaining('error="insufficient_scope", scope="sf:query"'),
  ]);
  const reader = bearer(await issuer.sign({ scope: undefined, scp: ['sf:query'] }));
  const { client, close } = await connectClient(url, reader);
  const names = (await client.listTools()).tools.map((tool) => tool.name);
  expect([names.includes('execute_query'), names.includes('execute_statement')]).toEqual([true, false]);
  await close();
  const id = await rawSession(url, reader);
  const params = { name: 'execute_statement', arguments: { statement: 'insert into t values (1)' } };
  const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params };
  const refused = await post(url, call, { ...reader, 'mcp-session-id': id });
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    403,
    // With what it has already: a client asks for a token of these scopes and no others.
    expect.stringContaining('scope="sf:query sf:change"'),
  ]);
  await refused.text();
  const writer = await connectClient(url, bearer(await issuer.sign({ scope: 'sf:query sf:change' })));
  expect((await writer.client.listTools()).tools.map((tool) => tool.name)).toContain('execute_statement');
  await writer.close();
  const status = async (scope: string) => {
    const answer = await fetch(`${url}/status`, { headers: bearer(await issuer.sign({ scope })) });
    await answer.text();
    return answer.status;
  };
  expect([await status('sf:query'), await status('sf:ops')]).toEqual([403, 200]);
});

test('oauth: of several required scopes all are named at once', async () => {
  const { url } = await start({ oauth_required_scopes: ['mcp', 'snowflake'] });
  const { challenge } = await ask(url, bearer(await issuer.sign({ scope: 'read mcp' })));
  expect(challenge).toContain('error="insufficient_scope", scope="mcp snowflake read"');
});

test('oauth: behind a proxy the metadata are also where the address of the resource says', async () => {
  const { url } = await start({ oauth_resource: 'https://gw.example.com/snowflake/mcp' });
  const { challenge } = await ask(url, {});
  const told = /resource_metadata="https:\/\/gw\.example\.com([^"]+)"/.exec(challenge)?.[1];
  const answer = await fetch(`${url}${told}`);
  expect([answer.status, await answer.json()]).toEqual([
    200,
    expect.objectContaining({ resource: 'https://gw.example.com/snowflake/mcp' }),
  ]);
});

test('oauth: a required scope is asked of every token', async () => {
  const { url } = await start({ oauth_required_scopes: ['mcp'] });
  const without = await ask(url, bearer(await issuer.sign()));
  expect([without.status, without.challenge]).toEqual([403, expect.stringContaining('scope="mcp read"')]);
  expect((await ask(url, bearer(await issuer.sign({ scope: 'mcp read' })))).status).toBe(200);
});

test('oauth: a new signing key is found at once, and many tokens fetch the keys once', async () => {
  const { url } = await start();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.sign()));
  expect(
    new Set((await Promise.all(tokens.map((token) => ask(url, bearer(token))))).map(({ status }) => status)),
  ).toEqual(new Set([200]));
  expect(issuer.fetches()).toBe(1);
  await issuer.rotate(true);
  // The first unknown key may come within the pause between two fetches.
  await eventually(async () => (await ask(url, bearer(await issuer.sign()))).status === 200);
  expect(issuer.fetches()).toBe(2);
});

test('oauth: a key that the issuer withdraws is forgotten with the next refresh', async () => {
  const { url } = await start({ oauth_refresh: '1s' });
  const old = await issuer.sign();
  expect((await ask(url, bearer(old))).status).toBe(200);
  await issuer.rotate(true);
  await eventually(async () => (await ask(url, bearer(old))).status === 401);
});

test('oauth: while the issuer is down known keys go on, and unknown ones are 503, tried again later', async () => {
  const { url, lines } = await start({ oauth_refresh: '1s' });
  const token = await issuer.sign();
  issuer.setDown(true);
  const cold = await ask(url, bearer(token));
  expect([cold.status, cold.retryAfter, cold.text]).toEqual([503, '1', expect.stringContaining('ISSUER_UNREACHABLE')]);
  issuer.setDown(false);
  await eventually(async () => (await ask(url, bearer(token))).status === 200);
  issuer.setDown(true);
  await eventually(() => lines.some((line) => line.event === 'oauth.keys_stale'));
  expect((await ask(url, bearer(token))).status).toBe(200);
});

test('oauth: an issuer that does not answer in time is 503, and no fault of the token', async () => {
  issuer.behave('silent');
  const { url } = await start({ oauth_timeout: '200ms' });
  const { status, challenge, text } = await ask(url, bearer(await issuer.sign()));
  expect([status, challenge, text]).toEqual([503, '', expect.stringContaining('ISSUER_UNREACHABLE')]);
});

test('oauth: an issuer whose keys are not where it says is left alone for a while, however many tokens come', async () => {
  issuer.behave('keyless');
  const { url } = await start();
  const token = await issuer.sign();
  for (let nth = 0; nth < 5; nth++) expect((await ask(url, bearer(token))).status).toBe(503);
  expect(issuer.fetches()).toBe(1);
});

test('oauth: keys of the configuration go on beside tokens', async () => {
  const { url } = await start({ api_keys: ['a-key-of-old-days'] });
  issuer.setDown(true);
  expect((await ask(url, { 'x-api-key': 'a-key-of-old-days' })).status).toBe(200);
});

test('oauth: an open stream ends when its token does', async () => {
  const { url } = await start();
  const id = await rawSession(url, bearer(await issuer.sign()));
  // Clocks may differ by 30 s.
  const exp = now() - 28;
  const brief = await issuer.sign({ exp });
  const stream = await fetch(`${url}/mcp`, {
    headers: { ...bearer(brief), 'mcp-session-id': id, accept: 'text/event-stream' },
  });
  expect(stream.status).toBe(200);
  await stream.text().catch(() => {});
  expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp + 30);
});

test('oauth: as long as a token is taken, what runs with it is not cut', async () => {
  const { query, release } = heldQueryService('late');
  const auth = { oauth_issuer: issuer.url, oauth_audience: [AUDIENCE] };
  const { url } = await cluster.start(query, { auth });
  const brief = bearer(await issuer.sign({ exp: now() - 5 }));
  const id = await rawSession(url, brief);
  const params = { name: 'execute_query', arguments: { query: 'select 1' } };
  const running = post(
    url,
    { jsonrpc: '2.0', id: 3, method: 'tools/call', params },
    { ...brief, 'mcp-session-id': id },
  );
  const startedAt = performance.now();
  // Who has lost its standing is looked for each second.
  await eventually(() => performance.now() - startedAt > 2200);
  release();
  expect(await (await running).text()).toContain('late');
});

test('oauth: the claim that names a Snowflake role is asked for when configured', async () => {
  const { url } = await start({ oauth_role_claim: 'sf_role' });
  expect((await ask(url, bearer(await issuer.sign()))).text).toContain('names no Snowflake role');
  expect((await ask(url, bearer(await issuer.sign({ sf_role: 'ANALYST' })))).status).toBe(200);
});

/** An issuer of OAuth tokens on this machine: metadata, signing keys that can be rotated, and outages at will. */
import type { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
}

export interface TokenIssuer {
  readonly url: string;
  /** Requests for the keys so far. */
  fetches(): number;
  /** Answers 503 to everything until called with false. */
  setDown(isDown: boolean): void;
  /** Accepts requests and never answers, or has no keys where its metadata say. */
  behave(how: 'silent' | 'keyless'): void;
  /** New tokens are signed with a new key; the old one is published on unless `isGone`. */
  rotate(isGone?: boolean): Promise<void>;
  key(): SigningKey;
  /** A token of the newest key, good for five minutes; undefined takes a claim out. */
  sign(
    claims?: Readonly<Record<string, unknown>>,
    header?: { alg?: string; kid?: string; typ?: string },
  ): Promise<string>;
  close(): Promise<void>;
}

export const AUDIENCE = 'https://mcp.example.com/mcp';

export async function startTokenIssuer(): Promise<TokenIssuer> {
  let isDown = false;
  let how: 'well' | 'silent' | 'keyless' = 'well';
  let fetches = 0;
  let made = 0;
  const makeKey = async (): Promise<SigningKey> => ({
    kid: `key-${++made}`,
    ...(await generateKeyPair('ES256', { extractable: true })),
  });
  let keys = [await makeKey()];
  const newest = (): SigningKey => {
    const key = keys.at(-1);
    if (key === undefined) throw new Error('no key');
    return key;
  };
  const server = createServer((request, response) => {
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (how === 'silent') return;
    if (isDown) return reply(503, {});
    if (request.url === '/.well-known/openid-configuration') {
      return reply(200, { issuer: url, jwks_uri: `${url}/keys` });
    }
    if (request.url !== '/keys') return reply(404, {});
    fetches++;
    if (how === 'keyless') return reply(404, {});
    const published = keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' }));
    Promise.all(published).then((list) => reply(200, { keys: list }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    fetches: () => fetches,
    setDown: (next) => {
      isDown = next;
    },
    behave: (next) => {
      how = next;
    },
    rotate: async (isGone = false) => {
      keys = [...(isGone ? [] : keys), await makeKey()];
    },
    key: newest,
    sign: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const standard = { iss: url, aud: AUDIENCE, sub: 'alice', scope: 'read', iat: now, exp: now + 300 };
      const { kid, privateKey } = newest();
      return new SignJWT(JSON.parse(JSON.stringify({ ...standard, ...claims })))
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header })
        .sign(privateKey);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

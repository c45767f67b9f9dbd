/** The section `auth`: what clients must send. */
import { z } from 'zod';
import { duration, list, optionalPath, optionalText, text } from '../fields.ts';

const WEB_ADDRESS = { pattern: /^https?:\/\/[^\s/]+(?:\/\S*)?$/, hint: 'an http(s) address' };

export const auth = z.strictObject({
  api_keys: list({
    standard: [],
    maxItems: 1000,
    env: ['API_KEYS', 'VALID_API_KEYS', 'API_KEY'],
    secret: true,
    applies: 'rolling',
    says: 'Keys that clients may send, each with the scopes read, write and metrics; those of the keys file can do more. Without any kind of client authentication the service answers loopback only.',
  }),
  keys_file: optionalPath({
    env: ['KEYS_FILE'],
    applies: 'rolling',
    says: 'File that `keys create` and its kin write and the service follows; without it keys.json in the state directory.',
  }),
  api_key_header: text({
    standard: 'X-API-Key',
    env: ['API_KEY_HEADER'],
    pattern: /^[A-Za-z0-9-]+$/,
    hint: 'a header name',
    applies: 'rolling',
    says: 'Header that may carry the key beside `Authorization: Bearer`.',
  }),
  oauth_issuer: optionalText({
    ...WEB_ADDRESS,
    env: ['OAUTH_ISSUER'],
    applies: 'rolling',
    says: 'Issuer of OAuth access tokens, exactly as their `iss` says it; with it tokens are accepted beside keys.',
  }),
  oauth_audience: list({
    standard: [],
    maxItems: 20,
    env: ['OAUTH_AUDIENCE'],
    applies: 'rolling',
    says: 'What `aud` of a token must name: this server, usually the address of its /mcp. Needed with an issuer.',
  }),
  oauth_resource: optionalText({
    ...WEB_ADDRESS,
    env: ['OAUTH_RESOURCE'],
    applies: 'rolling',
    says: 'Address of /mcp as clients know it, told to them with the metadata; without it the first audience that is an address.',
  }),
  oauth_jwks_url: optionalText({
    ...WEB_ADDRESS,
    env: ['OAUTH_JWKS_URL'],
    applies: 'rolling',
    says: "Where the issuer's keys are; without it its metadata tell.",
  }),
  oauth_algorithms: list({
    standard: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    maxItems: 20,
    applies: 'rolling',
    says: 'Signatures that are accepted; none, and those with a shared secret, never are.',
  }),
  oauth_token_types: list({
    standard: ['at+jwt', 'JWT'],
    maxItems: 10,
    applies: 'rolling',
    says: 'What `typ` of a token may be; a token without one counts as JWT.',
  }),
  oauth_required_scopes: list({
    standard: [],
    maxItems: 50,
    applies: 'rolling',
    says: 'Scopes that every token must have, as the issuer names them.',
  }),
  oauth_scope_map: list({
    standard: ['read=read', 'write=write', 'admin=admin', 'metrics=metrics'],
    maxItems: 100,
    applies: 'rolling',
    says: 'What a scope of a token opens here, as ISSUER_SCOPE=read, write, admin or metrics.',
  }),
  oauth_principal_claim: text({
    standard: 'sub',
    applies: 'rolling',
    says: 'Claim that says who the caller is; sessions belong to it.',
  }),
  oauth_role_claim: optionalText({
    applies: 'rolling',
    says: 'Claim that names the Snowflake role of the caller; a token without it is then refused.',
  }),
  oauth_timeout: duration({
    min: '100ms',
    max: '1m',
    standard: '5s',
    applies: 'rolling',
    says: 'How long the issuer may take to answer.',
  }),
  oauth_refresh: duration({
    min: '1s',
    max: '1d',
    standard: '10m',
    applies: 'rolling',
    says: "How often the issuer's keys are fetched again; a token with an unknown key makes that happen at once.",
  }),
});

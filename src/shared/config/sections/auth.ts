/** The section `auth`: what clients must send. */
import { z } from 'zod';
import { list, optionalPath, text } from '../fields.ts';

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
});

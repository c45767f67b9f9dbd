/** The section `auth`: what clients must send. */
import { z } from 'zod';
import { list, text } from '../fields.ts';

export const auth = z.strictObject({
  api_keys: list({
    standard: [],
    maxItems: 1000,
    env: ['API_KEYS', 'VALID_API_KEYS', 'API_KEY'],
    secret: true,
    applies: 'rolling',
    says: 'Keys that clients must send; without one the service answers loopback only.',
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

/** The section `snowflake`: the account, how to log in, and where each session starts. */
import { z } from 'zod';
import { choice, duration, optionalPath, optionalText } from '../fields.ts';

export const AUTHENTICATORS = [
  'SNOWFLAKE',
  'SNOWFLAKE_JWT',
  'USERNAME_PASSWORD_MFA',
  'OAUTH',
  'PROGRAMMATIC_ACCESS_TOKEN',
  'EXTERNALBROWSER',
] as const;

export const snowflake = z.strictObject({
  account: optionalText({
    env: ['SNOWFLAKE_ACCOUNT'],
    pattern: /^\w+([.-]\w+)*$/,
    hint: 'an account identifier such as myorg-myaccount',
    applies: 'rolling',
    says: 'Account identifier.',
  }),
  access_url: optionalText({
    env: ['SNOWFLAKE_ACCESS_URL'],
    pattern: /^https?:\/\/[^\s/]+\/?$/,
    hint: 'an http(s) address',
    applies: 'rolling',
    says: "Address of Snowflake when it is not the account's usual one (private link, an emulator).",
  }),
  user: optionalText({ env: ['SNOWFLAKE_USER'], applies: 'rolling', says: 'Login name.' }),
  password: optionalText({
    env: ['SNOWFLAKE_PASSWORD'],
    secret: true,
    applies: 'rolling',
    says: 'Password, for authenticator SNOWFLAKE.',
  }),
  authenticator: choice(['auto', ...AUTHENTICATORS], {
    standard: 'auto',
    env: ['SNOWFLAKE_AUTHENTICATOR', 'SNOWFLAKE_AUTH_TYPE'],
    applies: 'rolling',
    says: 'How to log in; `auto` takes the key pair, token or password that is configured.',
  }),
  private_key: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY'],
    secret: true,
    applies: 'rolling',
    says: 'Private key as PEM text.',
  }),
  private_key_path: optionalPath({
    env: ['SNOWFLAKE_PRIVATE_KEY_PATH'],
    applies: 'rolling',
    says: 'File with the private key.',
  }),
  private_key_passphrase: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY_PASSPHRASE'],
    secret: true,
    applies: 'rolling',
    says: 'Passphrase of an encrypted private key.',
  }),
  token: optionalText({
    env: ['SNOWFLAKE_TOKEN'],
    secret: true,
    applies: 'rolling',
    says: 'OAuth token or programmatic access token.',
  }),
  token_file_path: optionalPath({
    env: ['SNOWFLAKE_TOKEN_FILE_PATH'],
    applies: 'rolling',
    says: 'File with the token, read at each login.',
  }),
  role: optionalText({
    env: ['SNOWFLAKE_ROLE'],
    applies: 'rolling',
    says: 'Role of every session; the surest fence against writes is a role that cannot write.',
  }),
  warehouse: optionalText({ env: ['SNOWFLAKE_WAREHOUSE'], applies: 'rolling', says: 'Warehouse of every session.' }),
  database: optionalText({ env: ['SNOWFLAKE_DATABASE'], applies: 'rolling', says: 'Database a call starts in.' }),
  schema: optionalText({ env: ['SNOWFLAKE_SCHEMA'], applies: 'rolling', says: 'Schema a call starts in.' }),
  login_timeout: duration({
    min: '1s',
    max: '10m',
    standard: '60s',
    applies: 'rolling',
    says: 'A login that takes longer fails with SNOWFLAKE_UNREACHABLE.',
  }),
});

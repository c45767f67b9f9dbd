/** What does not go together in the configuration of OAuth tokens. */
import { isPlainHttp } from '../host-rule.ts';
import { SCOPES } from '../principal.ts';
import type { PairRule } from './pairs.ts';
import type { Config } from './schema.ts';

/** Asymmetric ones: the issuer's public keys must not do as a shared secret. */
const ALGORITHM = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$|^Ed25519$/;
const KEYS = ['oauth_issuer', 'oauth_resource', 'oauth_jwks_url'] as const;

const wrongAlgorithm = ({ oauth_algorithms: given }: Config['auth']) => given.find((name) => !ALGORITHM.test(name));
const wrongScope = ({ oauth_scope_map: given }: Config['auth']) =>
  given.find(
    (pair) => !SCOPES.some((scope) => /^[^\s"\\=]+(?:=[^\s"\\=]+)*$/.test(pair) && pair.endsWith(`=${scope}`)),
  );

export const OAUTH_PAIR_RULES: readonly PairRule[] = [
  ...KEYS.map(
    (key): PairRule => ({
      keys: [`auth.${key}`],
      isWrong: ({ auth }) => auth[key] !== undefined && (!URL.canParse(auth[key]) || isPlainHttp(auth[key])),
      says: () => `auth.${key} must be an https address`,
    }),
  ),
  {
    keys: ['auth.oauth_issuer', 'auth.oauth_audience'],
    isWrong: ({ auth }) => auth.oauth_issuer !== undefined && auth.oauth_audience.length === 0,
    says: () => 'auth.oauth_issuer needs auth.oauth_audience: tokens made for other servers must not open this one',
  },
  {
    keys: ['auth.oauth_algorithms'],
    isWrong: ({ auth }) => wrongAlgorithm(auth) !== undefined || auth.oauth_algorithms.length === 0,
    says: ({ auth }) =>
      `auth.oauth_algorithms: ${JSON.stringify(wrongAlgorithm(auth) ?? '')} is none of RS, PS or ES with 256, 384 or 512, nor EdDSA`,
  },
  {
    keys: ['auth.oauth_scope_map'],
    isWrong: ({ auth }) => wrongScope(auth) !== undefined,
    says: ({ auth }) =>
      `auth.oauth_scope_map: ${JSON.stringify(wrongScope(auth))} is not like ISSUER_SCOPE=${SCOPES.join('|')}`,
  },
  {
    keys: ['auth.oauth_required_scopes'],
    isWrong: ({ auth }) => auth.oauth_required_scopes.some((scope) => /[\s"\\]/.test(scope)),
    says: () => 'auth.oauth_required_scopes holds something that is no scope',
  },
];

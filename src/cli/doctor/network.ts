/** Where Snowflake is for a configuration, and what the probe of its front door means. Pure. */
import { error, type Finding, ok } from './finding.ts';
import { clockFinding } from './machine.ts';
import type { NetworkResult, NetworkStep, NetworkTarget } from './network-probe.ts';

/** Undefined without an account. */
export function networkTarget(
  snowflake: { readonly account?: string | undefined; readonly access_url?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): NetworkTarget | undefined {
  const { account, access_url: accessUrl } = snowflake;
  if (account === undefined && accessUrl === undefined) return undefined;
  const url = new URL(accessUrl ?? `https://${hostOf(account ?? '')}`);
  const isTls = url.protocol === 'https:';
  const target = { host: url.hostname, port: Number(url.port) || (isTls ? 443 : 80), isTls };
  const proxy = proxyFor(target.host, isTls, env);
  return proxy === undefined ? target : { ...target, proxy };
}

/** Underscores of an account name are dashes in its address; regions of China have their own domain. */
function hostOf(account: string): string {
  const domain = /\.cn-/i.test(account) ? 'snowflakecomputing.cn' : 'snowflakecomputing.com';
  return `${account.replaceAll('_', '-')}.${domain}`.toLowerCase();
}

function proxyFor(host: string, isTls: boolean, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const excepted = (env.NO_PROXY ?? env.no_proxy ?? '').split(',').map((part) => part.trim().replace(/^\*?\./, ''));
  if (excepted.some((name) => name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`))))) {
    return undefined;
  }
  const given = isTls ? (env.HTTPS_PROXY ?? env.https_proxy) : (env.HTTP_PROXY ?? env.http_proxy);
  if (!given) return undefined;
  const address = given.includes('://') ? given : `http://${given}`;
  return URL.canParse(address) ? address : undefined;
}

const NEXT: Readonly<Record<NetworkStep, string>> = {
  dns: 'Check snowflake.account (ORGANISATION-ACCOUNT), then /etc/resolv.conf: `getent hosts HOST`.',
  proxy: 'Check HTTPS_PROXY and NO_PROXY, and that the proxy lets this host through.',
  tcp: 'Open the way out to port 443: firewall, security group, or HTTPS_PROXY.',
  tls: 'Something between here and Snowflake changes TLS: add its CA with NODE_EXTRA_CA_CERTS, or let the host through.',
  http: 'What answers there does not speak HTTP; check snowflake.access_url.',
};

const WORDS: Readonly<Record<NetworkStep, string>> = {
  dns: 'the name cannot be resolved',
  proxy: 'the proxy does not let us through',
  tcp: 'no connection',
  tls: 'TLS fails',
  http: 'no HTTP answer',
};

export function networkFindings(target: NetworkTarget, result: NetworkResult): Finding[] {
  const where = `${target.host}:${target.port}${target.proxy === undefined ? '' : ' through a proxy'}`;
  const { failed, skewMs } = result;
  if (failed !== undefined) {
    const text = `${where}: ${WORDS[failed.step]} (${failed.reason})`;
    const next = `${NEXT[failed.step]} https://status.snowflake.com; runbooks/snowflake-outage.md.`;
    return [{ ...error('network', text, next), isSnowflake: true }];
  }
  const how = [result.addresses[0], target.isTls ? 'TLS' : 'without TLS', `${result.ms} ms`].filter(Boolean).join(', ');
  const reached = ok('network', `${where} answers (${how})`);
  return skewMs === undefined ? [reached] : [reached, clockFinding(skewMs)];
}

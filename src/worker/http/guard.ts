/**
 * Host and Origin rules of the service: a browser page must not reach it by rebinding a name, nor call it from a site
 * that is not configured. The rule for names is the same as that of the operations port.
 */
import { createHostRule, type HostSettings, hostName } from '../../shared/host-rule.ts';

export interface GuardSettings extends HostSettings {
  /** `*` allows all. */
  readonly allowedOrigins: readonly string[];
}

export interface Guard {
  allowsHost(header: string | undefined): boolean;
  /** A request without Origin does not come from a page and passes. */
  allowsOrigin(header: string | undefined): boolean;
}

export function createGuard(settings: GuardSettings): Guard {
  const rule = createHostRule(settings);
  const origins = new Set(settings.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  return {
    allowsHost: rule.allows,
    allowsOrigin: (header) =>
      header === undefined || origins.has('*') || origins.has(header.toLowerCase()) || rule.knows(originHost(header)),
  };
}

function originHost(header: string): string | undefined {
  const match = /^https?:\/\/([^/\s]+)$/i.exec(header);
  return match?.[1] === undefined ? undefined : hostName(match[1]);
}

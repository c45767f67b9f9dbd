/**
 * Forms in which a private key is given: PEM text, PEM with `\n` written out, base64 of PEM or DER, or (old) the path of a file.
 *
 * Decides by looks only; whether the key opens is asked in credentials.ts.
 */
import { createPrivateKey } from 'node:crypto';

const BASE64_DER = /^MI[A-Za-z0-9+/\s]{60,}=*\s*$/;
/** What `base64` makes of a file that begins with `-----BEGIN`. */
const BASE64_PEM = /^LS0tLS1CRUdJTi[A-Za-z0-9+/\s]{60,}=*\s*$/;

export function looksLikePath(text: string): boolean {
  const isBase64 = BASE64_DER.test(text.trim()) || BASE64_PEM.test(text.trim());
  return !text.includes('-----BEGIN') && !isBase64 && text.length < 4096 && !text.includes('\n');
}

/** PEM text for what a person put into `private_key`; returned as it is when it has no known form. */
export function normalizePrivateKey(text: string): string {
  const unescaped = text.replaceAll('\\r', '').replaceAll('\\n', '\n').trim();
  if (unescaped.includes('-----BEGIN')) return `${unescaped}\n`;
  if (BASE64_PEM.test(unescaped)) return `${Buffer.from(unescaped, 'base64').toString('utf8').trim()}\n`;
  if (!BASE64_DER.test(unescaped)) return text;
  const der = Buffer.from(unescaped, 'base64');
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    try {
      return createPrivateKey({ key: der, format: 'der', type }).export({ type: 'pkcs8', format: 'pem' }).toString();
    } catch {
      // Not this form, or encrypted: the next one, then the label for encrypted keys.
    }
  }
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join('\n')}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireSafeBind } from '../../../src/shared/client-auth.ts';
import { configSchema } from '../../../src/shared/config/schema.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bind-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const bind = (sections: object) => () => requireSafeBind(configSchema.parse(sections), join(dir, 'keys.json'));
const PUBLIC = { server: { host: '0.0.0.0' } };

test('bind: a public address needs keys, and the refusal tells how to make one', () => {
  expect(bind(PUBLIC)).toThrow(expect.objectContaining({ code: 'PUBLIC_WITHOUT_AUTH' }));
  try {
    bind(PUBLIC)();
  } catch (error) {
    expect((error as { toBody(): { next: string } }).toBody().next).toContain('keys create --name');
  }
  expect(bind({})).not.toThrow();
  expect(bind({ ...PUBLIC, auth: { api_keys: ['k'] } })).not.toThrow();
});

test('bind: a file of keys is enough, even without a key in it, and a broken one never is', () => {
  writeFileSync(join(dir, 'keys.json'), '{"version":1,"keys":[]}', { mode: 0o600 });
  expect(bind(PUBLIC)).not.toThrow();
  writeFileSync(join(dir, 'keys.json'), '{', { mode: 0o600 });
  expect(bind({})).toThrow(expect.objectContaining({ code: 'KEYS_UNUSABLE' }));
});

/** No key of the configuration is a lie: each is read somewhere outside the loader. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configLeaves } from '../../src/shared/config/leaves.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Read the account's secrets for every login. */
const READ_SECRETS = ['credentials', 'secrets', 'shared-state'].map((name) => `shared/config/${name}.ts`);

/** Path and code without comments and texts, in which a name would prove nothing. */
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && (!file.startsWith('shared/config/') || READ_SECRETS.includes(file)))
  .map((file) => {
    const code = readFileSync(`${SRC}${file}`, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
      .replace(/'(?:server|workers|snowflake|pool|limits|policy|auth|admin|metrics|logging|state)'/g, (text) =>
        text.slice(1, -1),
      )
      .replace(/'[^'\n]*'/g, "''");
    return `${file}\n${code}`;
  });

/** A file reads a key when it names the section (or is named for it) and takes the key from something. */
function isRead(section: string, name: string): boolean {
  const takes = new RegExp(`\\.${name}\\b|[{,]\\s*${name}\\b\\s*[,}:]`);
  return sources.some((text) => new RegExp(`\\b${section}\\b`).test(text) && takes.test(text));
}

test('config: every key is read by a program', () => {
  const unread = configLeaves().filter(({ section, name }) => !isRead(section, name));
  expect(unread.map(({ key }) => key)).toEqual([]);
});

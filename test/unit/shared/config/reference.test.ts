import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../../../scripts/docs.ts';
import { configLeaves } from '../../../../src/shared/config/leaves.ts';
import { loadConfig } from '../../../../src/shared/config/load.ts';
import { configJsonSchema, configRows, defaultYaml } from '../../../../src/shared/config/reference.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

test.each(Object.entries(generatedFiles()))('docs: %s is what `npm run docs` writes', (path, content) => {
  expect(readFileSync(`${ROOT}${path}`, 'utf8')).toBe(content);
});

test('reference: every key has a sentence, and no environment name stands for two keys', () => {
  const names = configRows().flatMap((row) => row.env);
  expect(configRows().filter((row) => !/^[A-Z`].*\.$/.test(row.says))).toEqual([]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('reference: the file with every default loads to exactly the defaults', () => {
  const dir = mkdtempSync(join(tmpdir(), 'reference-'));
  writeFileSync(join(dir, 'all.yaml'), defaultYaml());
  const spec = { cwd: dir, flags: {}, demo: false };
  const loaded = loadConfig({ ...spec, configFile: 'all.yaml' }, {});
  expect(loaded.config).toEqual(loadConfig(spec, {}).config);
  expect(loaded.warnings).toEqual([]);
  rmSync(dir, { recursive: true });
});

test('schema: knows every key, refuses others, requires none', () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { properties: Record<string, { description: string }>; additionalProperties: boolean }>;
    required?: unknown;
  };
  for (const { section, name, meta } of configLeaves()) {
    expect(schema.properties[section]?.properties[name]?.description).toContain(meta.says);
  }
  expect(Object.values(schema.properties).every((section) => section.additionalProperties === false)).toBe(true);
  expect(schema.required).toBeUndefined();
});

/**
 * The configuration as documents: docs/config.md, its JSON Schema and a file that shows every key with its default.
 *
 * Pure; scripts/docs.ts writes the files and a test compares them, `config schema` and `config init` print them.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { fieldMeta } from './fields.ts';
import { FLAG_KEYS } from './flags.ts';
import { configLeaves, type Leaf } from './leaves.ts';
import { configSchema } from './schema.ts';

export interface ConfigRow {
  readonly key: string;
  readonly unit: string;
  readonly range: string;
  /** Empty when the key is not set by default. */
  readonly standard: string;
  readonly env: readonly string[];
  readonly flag: string;
  readonly applies: string;
  readonly says: string;
  readonly secret: boolean;
}

export function configRows(): readonly ConfigRow[] {
  return configLeaves().map(({ key, meta }) => ({
    key,
    unit: meta.unit,
    range: meta.range ?? '',
    standard: meta.standard ?? '',
    env: meta.env ?? [],
    flag: Object.entries(FLAG_KEYS).find(([, target]) => target === key)?.[0] ?? '',
    applies: meta.applies,
    says: meta.says,
    secret: meta.secret ?? false,
  }));
}

const INTRODUCTION = `# Configuration

One YAML or JSON file; [config/default.yaml](../config/default.yaml) shows every key. What is set in several places is taken
from the strongest: flags, then the environment, then \`.env\` in the current directory, then the file of \`--env NAME\`
(\`config/NAME.yaml\` in the current directory, else the one of this package), then the file of \`--config FILE\` (without it
\`snowflake-mcp.yaml\` in the current directory when it exists), then the connection of connections.toml that
\`snowflake.connection_name\` names, then the default. \`ENVIRONMENT\` chooses a file as \`--env\` does.

Everything is checked before anything starts: unknown keys, bad values and impossible pairs are all named at once, with their
place. \`snowflake-mcp-daemon config check\` does only that; \`config show\` prints what is in effect and where it was set.

Durations are written \`500ms\`, \`10s\`, \`5m\`, \`1h\`, \`2d\` or as a number of milliseconds; sizes \`64K\`, \`500M\`, \`1G\` or as a number
of bytes; lists in the environment are separated by commas. A bare number in an environment name that ends in \`_SECONDS\`,
\`_MINUTES\` or \`_HOURS\` (and in \`KEEPALIVE_TIMEOUT\` and \`SNOWFLAKE_POOL_CONNECTION_TIMEOUT\`: seconds) is in that unit.
Relative paths start in \`server.working_dir\`, those of flags in the current directory. An empty variable counts as not set.

A PM2 file (\`ecosystem.config.js\`, \`.cjs\`, \`.mjs\` or \`.json\` with \`apps\`) stands in the place of the file of \`--config\`:
\`start ecosystem.config.js\`. \`--env NAME\` then chooses its \`env_NAME\`, and \`config/NAME.yaml\` is read only from the current
directory. Within it the keys of the app win over \`args\`, these over \`env_NAME\`, this over \`env\`; all of it is weaker than the real
environment. What has no meaning here is told once, with the reason; \`config import\` writes it in the form of this page.

*Applies*: \`rolling\` with the next \`reload\`, \`restart\` with the next restart of the daemon. Environment names after the
first are old ones: they work, with a warning.
`;

export function configMarkdown(): string {
  const parts = [INTRODUCTION];
  let section = '';
  for (const row of configRows()) {
    const [name = '', field = ''] = row.key.split('.');
    if (name !== section) {
      section = name;
      parts.push(
        `\n## ${name}\n\n| key | value | default | environment, flag | applies | |\n| --- | --- | --- | --- | --- | --- |\n`,
      );
    }
    const value = row.range === '' ? row.unit : `${row.unit}, ${row.range}`;
    const standard = row.standard === '' ? '' : `\`${row.standard}\``;
    const names = [...row.env, ...(row.flag === '' ? [] : [`--${row.flag}`])].map((item) => `\`${item}\``).join(' ');
    const secret = row.secret ? ' Secret: never shown.' : '';
    parts.push(`${tableRow([`\`${field}\``, value, standard, names, row.applies, `${row.says}${secret}`])}\n`);
  }
  return parts.join('');
}

/** One line of a Markdown table. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

const DURATION_PATTERN = '^\\s*\\d+(\\.\\d+)?\\s*(ms|s|m|min|h|d)?\\s*$';
const SIZE_PATTERN = '^\\s*\\d+(\\.\\d+)?\\s*([BbKkMmGg]([Ii]?[Bb])?)?\\s*$';

/** JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const meta = fieldMeta(zodSchema);
      if (meta === undefined) return;
      const facts = [meta.unit, meta.range, `applies: ${meta.applies}`, meta.env?.[0]].filter(Boolean);
      jsonSchema.description = `${meta.says} (${facts.join('; ')})`;
      if (meta.unit === 'duration') jsonSchema.pattern = DURATION_PATTERN;
      if (meta.unit === 'size') jsonSchema.pattern = SIZE_PATTERN;
      if (meta.unit.includes(' | ')) jsonSchema.enum = meta.unit.split(' | ');
    },
  });
  return { ...schema, title: 'snowflake-mcp-daemon configuration' };
}

/** A YAML file with every key: set ones to their default, optional ones commented out. */
export function defaultYaml(): string {
  const lines = [
    '# Every key of the configuration with its default; docs/config.md tells more. Keep only what you change.',
  ];
  let section = '';
  for (const leaf of configLeaves()) {
    if (leaf.section !== section) lines.push('', `${leaf.section}:`);
    section = leaf.section;
    lines.push(...keyLines(leaf));
  }
  return `${lines.join('\n')}\n`;
}

function keyLines({ name, schema, meta }: Leaf): string[] {
  const facts = [meta.unit, meta.range, meta.env?.[0]].filter(Boolean).join('; ');
  const comment = [`  # ${meta.says}`, `  # (${facts})`];
  if (meta.standard === undefined) return [...comment, `  # ${name}:`];
  const value = schema.parse(undefined);
  const written = typeof value === 'object' || typeof value === 'boolean' ? value : asWritten(meta.standard);
  return [...comment, `  ${name}: ${stringify(written, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`];
}

function asWritten(standard: string): string | number {
  return /^\d+(\.\d+)?$/.test(standard) ? Number(standard) : standard;
}

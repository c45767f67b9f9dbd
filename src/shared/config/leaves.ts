/** The keys of the configuration as a flat list, in the order of the schema: what loader, documents and tests walk over. */
import type { z } from 'zod';
import { type FieldMeta, fieldMeta } from './fields.ts';
import { type ConfigSection, configSchema } from './schema.ts';

export interface Leaf {
  /** `section.name` */
  readonly key: string;
  readonly section: ConfigSection;
  readonly name: string;
  readonly schema: z.ZodType;
  readonly meta: FieldMeta;
}

export function configLeaves(): readonly Leaf[] {
  return Object.entries(configSchema.shape).flatMap(([section, wrapped]) =>
    Object.entries(wrapped.unwrap().shape).map(([name, schema]): Leaf => {
      const meta = fieldMeta(schema);
      if (meta === undefined) throw new Error(`${section}.${name} was made without a builder of fields.ts`);
      return { key: `${section}.${name}`, section: section as ConfigSection, name, schema, meta };
    }),
  );
}

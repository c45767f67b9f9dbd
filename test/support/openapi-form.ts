/** What an OpenAPI document of this package (version 1.2.3) must look like. */
import { z } from 'zod';

export const openApiForm = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string().min(1), version: z.literal('1.2.3'), description: z.string().min(1) }),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(
      z.enum(['get', 'post', 'delete']),
      z.strictObject({
        operationId: z.string().regex(/^[a-z]\w+$/i),
        summary: z.string().min(5),
        description: z.string().startsWith('Access: '),
        parameters: z
          .array(
            z.strictObject({
              name: z.string(),
              in: z.literal('path'),
              required: z.literal(true),
              schema: z.strictObject({ type: z.literal('string') }),
            }),
          )
          .optional(),
        responses: z.record(
          z.string().regex(/^[2-5]\d\d$/),
          z.strictObject({
            description: z.string().min(5),
            content: z.record(z.string(), z.strictObject({ schema: z.looseObject({}) })),
          }),
        ),
      }),
    ),
  ),
  components: z.strictObject({ schemas: z.strictObject({ Error: z.looseObject({ type: z.literal('object') }) }) }),
});

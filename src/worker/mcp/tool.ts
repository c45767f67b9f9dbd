/**
 * A tool as this server knows it, whatever protocol version or SDK carries it.
 *
 * `defineTool` binds the zod schemas to `run`: arguments are checked before it, and both JSON schemas are made once.
 * A tool throws AppError; callers turn that into a result an agent can read.
 */
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import type { PrincipalLimits, Scope } from '../../shared/principal.ts';
import type { QueryRequest, QueryResult, QueryService } from '../query/service.ts';
import type { Handles } from './handles.ts';

/** Who calls, for tags, logs and audit; never a secret. */
export interface Caller {
  readonly requestId: string;
  readonly session?: string;
  readonly principal: string;
  /** The Snowflake role its statements run under; the configured one when left out. */
  readonly role?: string;
  readonly scopes: readonly Scope[];
  /** Login of snowflake.identities that its statements run under. */
  readonly identity?: string;
  readonly limits?: PrincipalLimits;
}

/** What tools ask of Snowflake; answers about the catalogue may come from memory unless `isFresh` is set. */
export interface ToolQueries extends Pick<QueryService, 'run' | 'checkWrite' | 'write' | 'submit' | 'submitted'> {
  catalog(request: QueryRequest & { readonly isFresh?: boolean }, signal: AbortSignal): Promise<QueryResult>;
}

/** What a person answered, or that this client cannot ask one. */
export type Confirmation = 'accepted' | 'declined' | 'impossible';

export interface ToolContext {
  readonly signal: AbortSignal;
  readonly caller: Caller & { readonly tool: string };
  readonly query: ToolQueries;
  readonly handles: Pick<Handles, 'open' | 'use' | 'forget'>;
  /** Asks the person at the client. */
  confirm(question: string): Promise<Confirmation>;
  /** Tells a client that asked for progress what is going on; a function is asked anew each time. */
  progress(message: string | (() => string)): void;
}

export interface ToolResult {
  readonly structured: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** A second text: that the result was cut, and how to see more. */
  readonly note?: string;
}

export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

type JsonSchema = Readonly<Record<string, unknown>> & { readonly type: 'object' };

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: ToolAnnotations;
  /** @throws AppError ARGUMENT_INVALID naming each fault, and whatever the statement raises */
  run(rawArguments: unknown, context: ToolContext): Promise<ToolResult>;
}

/** Annotations of a tool that only reads. */
export const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  run(
    args: z.output<Input>,
    context: ToolContext,
  ): Promise<{ structured: z.input<Output>; text: string; note?: string | undefined }>;
}

/** Without `$schema`: clients of all protocol versions read it, each with its own default dialect. */
function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return { ...rest, type: 'object' };
}

/** What a caller needs to see and call a tool. */
export function scopeOf({ annotations }: Pick<Tool, 'annotations'>): Scope {
  return annotations.destructiveHint ? 'write' : 'read';
}

const MAX_FAULTS = 10;

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(spec: ToolSpec<Input, Output>): Tool {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    inputSchema: jsonSchema(spec.input, 'input'),
    outputSchema: jsonSchema(spec.output, 'output'),
    annotations: spec.annotations,
    run: async (rawArguments, context) => {
      const parsed = spec.input.safeParse(rawArguments ?? {});
      if (!parsed.success) {
        const faults = parsed.error.issues
          .slice(0, MAX_FAULTS)
          .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message));
        throw new AppError('ARGUMENT_INVALID', { faults });
      }
      const { structured, text, note } = await spec.run(parsed.data, context);
      return { structured, text, ...(note === undefined ? {} : { note }) };
    },
  };
}

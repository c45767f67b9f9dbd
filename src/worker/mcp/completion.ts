/** Completes an argument of a prompt or a part of a resource address, whatever protocol version asks. */
import { AppError } from '../../shared/errors.ts';
import { PROMPTS } from './prompts.ts';
import { RESOURCE_TEMPLATE, type ResourceContext, type Resources } from './resources.ts';

interface CompletionRequest {
  readonly ref: { readonly type: 'ref/resource'; readonly uri: string } | { readonly type: 'ref/prompt'; name: string };
  readonly argument: { readonly name: string; readonly value: string };
  readonly context?: { readonly arguments?: Readonly<Record<string, string>> | undefined } | undefined;
}

/** @throws AppError ARGUMENT_INVALID for a reference to something else */
export async function complete(resources: Resources, request: CompletionRequest, context: ResourceContext) {
  const { ref, argument } = request;
  const isOurs = ref.type === 'ref/resource' ? ref.uri === RESOURCE_TEMPLATE.uriTemplate : PROMPTS.has(ref.name);
  if (!isOurs) throw new AppError('ARGUMENT_INVALID', { faults: ['ref: names nothing of this server'] });
  const part = ref.type === 'ref/prompt' && argument.name !== 'database' ? '' : argument.name;
  const known = request.context?.arguments ?? {};
  const { values, total, hasMore } = await resources.complete(part, argument.value, known, context);
  return { completion: { values: [...values], total, hasMore } };
}

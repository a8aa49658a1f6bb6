import type { GenerateRequest } from '../../../vocabulary/index.ts';

/**
 * Whether the model may call tools. "The toolConfig field must be defined when using toolUse and toolResult content blocks", and a tool that is defined may be called: this API has no
 * way to offer tools and to forbid them. Where the caller offers none, or forbids them, former calls are told in words.
 */
export const mayCall = ({ tools, toolChoice }: GenerateRequest): boolean =>
  tools.length > 0 && toolChoice?.type !== 'none';

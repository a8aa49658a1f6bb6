import { z } from 'zod';
import type { NanoUsd } from '../kernel/index.ts';
import { isSharedPath } from '../wire/index.ts';
import { choiceField, faultMessage, listOf, modelNameField, optional, section, usdField } from '../vocabulary/index.ts';

/** What a rule may open a path to. Whoever may get a thing may ask for its head as well. */
const ruleMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const character = "[A-Za-z0-9._~!$&'()+,;=:@-]";
const segment = `(?!\\.\\.?(?:/|$))(?:${character}+|${character}*\\*${character}*)`;
const patternPattern = new RegExp(`^(?=.{2,256}$)(?:(?:/${segment})+(?:/\\*\\*)?|/\\*\\*)$`);

const patternMessage = faultMessage(
  'expected a path under baseUrl',
  'begin it with "/" and write each part as the vendor does; "*" stands for one part or the rest of one, "/**" at the end for all that follows',
);

/** `passthrough`: what of a provider's own paths clients may call. */
export const passthroughField = listOf(
  section({
    path: z
      .string(patternMessage)
      .regex(patternPattern, patternMessage)
      .describe(
        'Paths under baseUrl: "*" stands for one part or the rest of one, "/**" at the end for all that follows, if anything does',
      ),
    methods: listOf(choiceField(ruleMethods), ruleMethods.length)
      .min(1, faultMessage('a rule without methods', 'name at least one, such as [GET]'))
      .describe('Methods that they may be called by'),
    usdPerRequest: usdField.describe(
      'Most that the vendor bills for one request, in US dollars, after discounts: it is held before, and billed to whoever asked; 0 for what costs nothing',
    ),
    model: optional(modelNameField).describe(
      'Model that such requests count as; keys that are limited to models may make them where this one is theirs, and nowhere else',
    ),
  }),
  1000,
);

/** A rule of the file that opens paths of a provider. */
export interface PassthroughRule {
  readonly path: string;
  readonly methods: readonly (typeof ruleMethods)[number][];
  /** Most that one request costs. */
  readonly usdPerRequest: NanoUsd;
  /** Model that such requests count as, or null. */
  readonly model: string | null;
}

const fits = (pattern: string, part: string): boolean => {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return part === pattern;
  return part.length >= before.length + after.length && part.startsWith(before) && part.endsWith(after);
};

/** The parts of a rule's path. */
export const partsOf = (path: string): readonly string[] => path.slice(1).split('/');

/** Whether a rule is about a request. What models may be called by as well it must end in itself: stars do not stand for that. @param parts Of its path under the base URL, decoded. */
export const isAbout = (
  rule: Pick<PassthroughRule, 'path' | 'methods'>,
  method: string,
  parts: readonly string[],
): boolean => {
  const asked = method === 'HEAD' ? 'GET' : method;
  if (!rule.methods.some((allowed) => allowed === asked)) return false;
  const patterns = partsOf(rule.path);
  if (isSharedPath(parts) && !isSharedPath(patterns)) return false;
  const isOpen = patterns.at(-1) === '**';
  const fixed = isOpen ? patterns.slice(0, -1) : patterns;
  if (isOpen ? parts.length < fixed.length : parts.length !== fixed.length) return false;
  return fixed.every((pattern, index) => fits(pattern, parts[index] ?? ''));
};

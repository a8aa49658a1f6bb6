import type { ServiceTier } from '../../vocabulary/index.ts';
import { serviceTierOf } from '../usage/serviceTierOf.ts';
import type { MemberReader } from './MemberReader.ts';

/** The service tier that a body asks for: `service_tier`, with Gemini also `serviceTier`, or Anthropic's fast mode; null where it says nothing of it. */
export const askedTier = (members: MemberReader): ServiceTier | null =>
  members.text('speed') === 'fast'
    ? 'fast'
    : serviceTierOf(members.text('service_tier') ?? members.text('serviceTier'));

// Vendors' formats: what a request asks, what an answer means, and errors in each client's own shape. Pure: bytes in, facts out.
export * from './errors.ts';
export * from './matchRoute.ts';
export type { SseEvent } from './sse/SseReader.ts';
export type { AnswerFrame, CodecTarget, Untranslatable } from './codec/Codec.ts';
export { callKey, type KnownSignatures, type SignedCall } from './codec/SignedCall.ts';
export * from './passage/embeddingPassage.ts';
export { frameOf, type FrameGiven } from './passage/frameOf.ts';
export * from './passage/passage.ts';
export type * from './passage/StreamRelay.ts';
export * from './passage/translate.ts';
export { isServedPath, isSharedPath } from './passed/isServedPath.ts';
export * from './passed/passedHeaders.ts';
export { passedMethods, passedPrefix, type PassedPath } from './passed/passedRoutes.ts';
export * from './passed/untouchedWire.ts';
export * from './request/RequestCeilings.ts';
export { estimateInputTokens } from './tokens/estimateInputTokens.ts';
export * from './wire.ts';
export { curlSnippet, sdkSnippet, type SnippetFacts } from './clientSnippets.ts';

import type { AnswerContent } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { PartCollector } from '../../codec/PartCollector.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { ThinkingReader } from './ThinkingReader.ts';

/** The thinking in an assistant's message that a client sends back, with the seals that it was given. */
export const readThinking = (message: JsonObject): readonly AnswerContent[] => {
  const parts = new PartCollector();
  new ThinkingReader(parts).read(message);
  parts.endWords();
  return assembleContent(parts.take());
};

import { drawFrom } from '../Draw.ts';
import { sandboxCatalogue } from '../sandboxCatalogue.ts';

/** Dimensions that one word of a text moves. */
const spread = 24;

/**
 * The place of a text in the market's one vector space: unit length, the same at every vendor. Texts that share words
 * lie near each other. Fewer dimensions are the first ones of the whole, scaled to unit length again.
 */
export const embedText = (text: string, dimensions: number): Float32Array => {
  const whole = new Float64Array(sandboxCatalogue.embeddingDimensions);
  const own = drawFrom('embedding of a text', text);
  for (let at = 0; at < whole.length; at++) whole[at] = (own.next() - 0.5) * 0.5;
  for (const word of new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])) {
    const draw = drawFrom('embedding of a word', word);
    for (let move = 0; move < spread; move++) {
      const at = draw.below(whole.length);
      whole[at] = (whole[at] ?? 0) + (draw.below(2) === 0 ? -1 : 1);
    }
  }
  const kept = whole.subarray(0, dimensions);
  const length = Math.hypot(...kept);
  return Float32Array.from(kept, (value) => value / length);
};

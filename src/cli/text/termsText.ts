import { scoreText } from './scoreText.ts';

type Terms = Readonly<Record<string, unknown>>;

const worded: readonly (readonly [name: string, words: (figure: number, terms: Terms) => string])[] = [
  ['factor', (factor) => `a dollar counts ${factor.toFixed(3)}`],
  ['freeUsd', (usd, { bid }) => `floor takes ${scoreText(usd)} at ${typeof bid === 'number' ? bid.toFixed(3) : '-'}`],
  ['cachedTokens', (tokens) => `${tokens} tokens cached`],
  ['nextTurnUsd', (usd) => `cache worth ${scoreText(usd)} to the next turn`],
  ['latencyMs', (ms) => `${Math.round(ms)} ms expected`],
  ['latencyUsd', (usd) => `which count ${scoreText(usd)}`],
  ['weight', (place) => `drawn to place ${place.toFixed(2)}`],
];

/** What a score is made of beside the expected cost, in words; empty where it is that cost. */
export const termsText = (terms: Terms): string =>
  worded
    .flatMap(([name, words]) => {
      const figure = terms[name];
      return typeof figure === 'number' ? [words(figure, terms)] : [];
    })
    .join(', ');

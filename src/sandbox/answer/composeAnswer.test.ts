import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawFrom } from '../Draw.ts';
import { blockTokens, composeAnswer } from './composeAnswer.ts';
import type { Composition, Prompt } from './composeAnswer.ts';

const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const clock = { name: 'get_time', description: 'The time', schema: { type: 'object' } };

const prompt: Prompt = {
  question: 'What is the weather in Paris today?',
  toolResults: [],
  tools: [],
  toolChoice: 'auto',
  output: null,
  thinking: 'none',
  announcesTools: false,
  outputTokensMax: 1000,
  stopSequences: [],
  begun: false,
};

const textOf = (composition: Composition): string => composition.blocks.map((block) => block.tokens.join('')).join('|');
const spent = (composition: Composition): number =>
  composition.blocks.reduce((sum, block) => sum + blockTokens(block), 0);

describe('an answer', () => {
  test('is the same for the same draws, and another for others', () => {
    const texts = [1, 1, 2].map((seed) => textOf(composeAnswer(prompt, drawFrom(seed))));
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe(texts[2]);
  });

  test('speaks of the question', () => {
    expect(textOf(composeAnswer(prompt, drawFrom(1)))).toMatch(/weather|Paris|today/);
  });

  test('never costs more than its bound, and says so when it was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.boolean(), (outputTokensMax, seed, tools) => {
        const asked = {
          ...prompt,
          outputTokensMax,
          thinking: 'shown' as const,
          announcesTools: true,
          tools: tools ? [weather] : [],
        };
        const cut = composeAnswer(asked, drawFrom(seed));
        const whole = composeAnswer({ ...asked, outputTokensMax: 10_000 }, drawFrom(seed));
        expect(spent(cut)).toBeLessThanOrEqual(outputTokensMax);
        expect(cut.finish === 'length').toBe(spent(whole) > outputTokensMax);
        expect(
          cut.blocks.every((block, at) => whole.blocks[at]!.tokens.join('').startsWith(block.tokens.join(''))),
        ).toBe(true);
      }),
    );
  });

  test('ends at the first stop sequence and names it', () => {
    const whole = textOf(composeAnswer(prompt, drawFrom(1)));
    const cut = composeAnswer({ ...prompt, stopSequences: ['never there', '. '] }, drawFrom(1));
    expect(cut).toMatchObject({ finish: 'stop', stopSequence: '. ' });
    expect(textOf(cut)).toBe(whole.slice(0, whole.indexOf('. ')));
  });

  test('calls the tool that fits the question, with arguments after its schema', () => {
    const call = composeAnswer({ ...prompt, tools: [clock, weather] }, drawFrom(1));
    expect(call).toMatchObject({ finish: 'tool', blocks: [{ kind: 'tool', tool: 'get_weather' }] });
    expect(JSON.parse(textOf(call))).toEqual({ city: 'Paris' });
  });

  test.each([
    ['none', [], 'end'],
    ['auto', [{ tool: 'get_weather', text: 'sunny' }], 'end'],
    ['required', [{ tool: 'get_weather', text: 'sunny' }], 'tool'],
    [{ name: 'get_time' }, [], 'tool'],
  ] as const)('with the choice %o after %o ends by %s', (toolChoice, toolResults, finish) => {
    const composition = composeAnswer({ ...prompt, tools: [weather, clock], toolChoice, toolResults }, drawFrom(1));
    expect(composition.finish).toBe(finish);
    if (typeof toolChoice === 'object') expect(composition.blocks.at(-1)).toMatchObject({ tool: 'get_time' });
  });

  test('tells what a tool answered', () => {
    const told = composeAnswer(
      { ...prompt, tools: [weather], toolResults: [{ tool: 'get_weather', text: 'sunny, 21 °C' }] },
      drawFrom(1),
    );
    expect(textOf(told)).toContain('get_weather answered: sunny, 21 °C');
  });

  test('is JSON after the schema where one is asked for', () => {
    const output = { schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } };
    expect(JSON.parse(textOf(composeAnswer({ ...prompt, output }, drawFrom(1))))).toEqual({ n: expect.any(Number) });
    expect(JSON.parse(textOf(composeAnswer({ ...prompt, output: 'object' }, drawFrom(1))))).toBeTypeOf('object');
  });
});

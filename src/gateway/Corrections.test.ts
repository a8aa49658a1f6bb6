import { expect, test } from 'vitest';
import { Corrections, joined } from './Corrections.ts';

test('what is learnt of a target adds up, and is of no other', () => {
  const corrections = new Corrections();
  corrections.learn('a/m', { drop: ['stream_options'] });
  corrections.learn('a/m', { rename: { max_tokens: 'max_completion_tokens' } });
  expect(corrections.of('a/m')).toEqual({ drop: ['stream_options'], rename: { max_tokens: 'max_completion_tokens' } });
  expect(corrections.of('b/m')).toBeNull();
});

test('a rename that is learnt the other way round replaces the first, so that names never swap for ever', () => {
  const back = joined({ rename: { a: 'b', x: 'y' } }, { rename: { b: 'a' } });
  expect(back.rename).toEqual({ x: 'y', b: 'a' });
});

test('what is added is not lost for being a single thing', () => {
  const earlier = { drop: ['user'] };
  for (const later of [
    { withoutReasoning: true },
    { withoutThinking: true },
    { shortCallIds: true },
    { plainRoles: true },
  ])
    expect(joined(earlier, later)).toMatchObject({ ...earlier, ...later });
});

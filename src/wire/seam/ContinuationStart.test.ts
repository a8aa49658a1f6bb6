import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ContinuationStart, judgedLength, type Verdict } from './ContinuationStart.ts';

const said =
  'The short answer is that a harbour has two sides: what it costs, and what it saves later. Most people start small and refine it';

/** What is made of a continuation that comes in such pieces, and ends. */
const judged = (before: string, text: string, pieceLength = 7, echoed = ''): Verdict => {
  const start = new ContinuationStart(before, echoed);
  for (let at = 0; at < text.length; at += pieceLength) {
    const verdict = start.add(text.slice(at, at + pieceLength));
    if (verdict !== null) return verdict;
  }
  return start.end(false);
};

const goesOn = (trimmed: number): Verdict => ({ kind: 'goes-on', trimmed });
const refused = (why: string) => ({ kind: 'refused', why });
const tail =
  ' once they have measured something. There is more to say about it, and it is said elsewhere at greater length.';

describe('the start of a continuation', () => {
  it('goes on where it is the rest', () => {
    expect(judged(said, tail)).toEqual(goesOn(0));
    expect(judged(said, '.')).toEqual(goesOn(0));
  });

  it.each([
    ['begins the answer anew', said + tail, 'restarted'],
    ['begins it anew with other marks', `**The short answer** is: that a harbour has two sides${tail}`, 'restarted'],
    ['apologises', `I'm sorry, but I don't have the earlier text.${tail}`, 'apologised'],
    ['refuses', `I cannot continue this text.${tail}`, 'apologised'],
    ['refuses in German', `Es tut mir leid, ich habe den Text nicht.${tail}`, 'apologised'],
    ['refuses in Chinese', '抱歉，我无法继续。', 'apologised'],
    ['speaks about it', `Sure, here is the rest of it:\n\n${tail}`, 'apologised'],
    ['speaks about itself', `As an AI language model, I would say${tail}`, 'apologised'],
    ['says nothing', '', 'empty'],
    ['says nothing but blanks', ' \n\n ', 'empty'],
    ['says nothing new', said.slice(-40), 'empty'],
    ['is written in another script', ' после того, как они что-нибудь измерили и подумали об этом.', 'other_script'],
    [
      'is written in Chinese',
      '，在他们测量了一些东西并认真考虑过之后，他们才会继续往前走，然后再决定下一步怎么做。',
      'other_script',
    ],
  ])('is refused where it %s', (_, text, why) => {
    expect(judged(said, text)).toEqual(refused(why));
  });

  it('may be in another language of the same script, which nobody can tell', () => {
    expect(judged(said, ' une fois qu’ils ont mesuré quelque chose, et pas avant; le reste vient plus tard.')).toEqual(
      goesOn(0),
    );
  });

  it('may have some words of another script', () => {
    expect(
      judged(said, ' (по-русски: гавань), and this is what is meant by it in most of the books about harbours.'),
    ).toEqual(goesOn(0));
  });

  it('is trimmed by an exact overlap of 24 letters or more', () => {
    expect(judged(said, said.slice(-24) + tail)).toEqual(goesOn(24));
    expect(judged(said, said.slice(-60) + tail)).toEqual(goesOn(60));
    expect(judged(said, said.slice(-23) + tail)).toEqual(goesOn(0));
  });

  it('does not say the blanks again that nobody was given', () => {
    expect(judged(`${said} \n`, ` \nthen${tail}`)).toEqual(goesOn(2));
    expect(judged(`${said} `, `then${tail}`)).toEqual(goesOn(0));
    expect(judged(`${said} `, `${said.slice(-30)} then${tail}`)).toEqual(goesOn(31));
  });

  it('of a very short answer is refused only where all of it comes again', () => {
    expect(judged('Hello wor', 'Hello world!')).toEqual(refused('restarted'));
    expect(judged('Hello wor', 'ld!')).toEqual(goesOn(0));
    expect(judged('A', ' apple a day')).toEqual(goesOn(0));
  });

  it('stands behind what a vendor says again, where it says all of it', () => {
    const given = `What the client began. ${said}`;
    for (const length of [1, 7, 1_000]) {
      expect(judged(said, given + tail, length, given)).toEqual(goesOn(given.length));
      expect(judged(`${said} `, `${given} then${tail}`, length, given)).toEqual(goesOn(given.length + 1));
      expect(judged(said, tail, length, given)).toEqual(goesOn(0));
      expect(judged(said, said + tail, length, given)).toEqual(refused('restarted'));
      expect(judged(said, `${given}I'm sorry, but no.`, length, given)).toEqual(refused('apologised'));
      expect(judged(said, given, length, given)).toEqual(refused('empty'));
      expect(judged(said, `${given.slice(0, 30)} and so on${tail}`, length, given)).toEqual(goesOn(0));
    }
  });

  it('may be empty where a call of a tool is the rest', () => {
    expect(new ContinuationStart(said).end(true)).toEqual(goesOn(0));
  });

  it('is judged the same however it is cut, and never later than needed', () => {
    const texts = fc.constantFrom(tail, said + tail, said.slice(-50) + tail, `I'm sorry, but no.${tail}`, '', 'etc.');
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 60 }), (text, length) => {
        expect(judged(said, text, length)).toEqual(judged(said, text, 1));
      }),
      { numRuns: 60 },
    );
    const start = new ContinuationStart(said);
    expect(start.add(tail.slice(0, judgedLength - 1))).toBeNull();
    expect(start.add(tail.slice(judgedLength - 1, judgedLength))).toEqual(goesOn(0));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAbout, partsOf } from './passthrough.ts';

const isAboutPath = (pattern: string, path: string, method = 'POST'): boolean =>
  isAbout({ path: pattern, methods: ['POST'] }, method, partsOf(path));

describe('a rule', () => {
  it.each([
    ['/files', '/files', true],
    ['/files', '/Files', false],
    ['/files', '/files/a', false],
    ['/files/*', '/files/a', true],
    ['/files/*', '/files', false],
    ['/files/*', '/files/a/content', false],
    ['/files/*/content', '/files/a/content', true],
    ['/models/*:predict', '/models/imagen:predict', true],
    ['/models/*:predict', '/models/imagen:predictLongRunning', false],
    ['/models/a*a', '/models/a', false],
    ['/files/**', '/files', true],
    ['/files/**', '/files/a/b/c', true],
    ['/files/**', '/filesystem', false],
    ['/**', '/anything/at/all', true],
    // By these models of text are called as well, whose prices are others.
    ['/**', '/model/m/invoke', false],
    ['/**', '/model/m/Invoke', false],
    ['/model/*/*', '/model/m/invoke', false],
    ['/model/*/invoke', '/model/m/invoke', true],
    ['/models/*', '/models/m:predict', false],
    ['/models/imagen*:predict', '/models/imagen-4:predict', true],
    ['/models/imagen*:predict', '/models/gemini:predict', false],
  ])('for %s is about %s: %s', (pattern, path, expected) => {
    expect(isAboutPath(pattern, path)).toBe(expected);
  });

  it('is about its methods only; whoever may get a thing may ask for its head', () => {
    expect(isAboutPath('/files', '/files', 'GET')).toBe(false);
    const got = { path: '/files', methods: ['GET'] } as const;
    expect([isAbout(got, 'GET', ['files']), isAbout(got, 'HEAD', ['files']), isAbout(got, 'POST', ['files'])]).toEqual([
      true,
      true,
      false,
    ]);
  });

  const part = fc.stringMatching(/^[A-Za-z0-9._:@-]{1,12}$/);
  const path = fc.array(part, { minLength: 1, maxLength: 5 });

  it('without stars is about its own path and no other', () => {
    fc.assert(
      fc.property(path, path, (own, other) => {
        const rule = `/${own.join('/')}`;
        expect(isAboutPath(rule, rule)).toBe(true);
        expect(isAboutPath(rule, `/${other.join('/')}`)).toBe(own.join('/') === other.join('/'));
      }),
    );
  });

  it('is about whatever a star in any place of its path may stand for', () => {
    fc.assert(
      fc.property(path, fc.nat(), fc.nat(), (own, which, cut) => {
        const at = which % own.length;
        const starred = own.map((text, index) => (index === at ? `${text.slice(0, cut % (text.length + 1))}*` : text));
        expect(isAboutPath(`/${starred.join('/')}`, `/${own.join('/')}`)).toBe(true);
      }),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from './html.ts';
import { readPage } from './markupFaults.fixture.ts';

test('text is escaped, markup is not escaped twice, and null is nothing', () => {
  const inner = html`<b>${'a<b'}</b>`;
  expect(html`<p title="${'"x"'}">${inner}${null}${[1.001, 'é', inner]}</p>`.toString()).toBe(
    '<p title="&quot;x&quot;"><b>a&lt;b</b>1é<b>a&lt;b</b></p>',
  );
});

test('whatever a text is, it is read back as text and opens no tag', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { faults, elements } = readPage(`<!doctype html>\n${html`<p title="${text}">${text}</p>`.toString()}`);
      expect(faults).toEqual([]);
      expect(elements).toHaveLength(1);
    }),
  );
});

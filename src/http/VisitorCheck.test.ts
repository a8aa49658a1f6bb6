import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { VisitorCheck, type Visit } from './VisitorCheck.ts';

const asked = (host: string, origin?: string): IncomingMessage => ({ headers: { host, origin } }) as IncomingMessage;

const rules = { hosts: ['llm.example.com'], origins: ['https://chat.example.com', 'app://notes'] };
const check = new VisitorCheck('listen', '127.0.0.1', rules, false);

const kindOf = (visit: Visit): string => (visit.kind === 'refused' ? visit.refusal.code : visit.kind);

describe('the names of a listener', () => {
  test.each([
    'localhost',
    'localhost:8787',
    'LocalHost.',
    'localhost.:8787',
    '127.0.0.1',
    '127.0.0.1:8787',
    '10.1.2.3:80',
    '[::1]:8787',
    '[2001:db8::1]',
    'llm.example.com',
    'LLM.example.com.:443',
  ])('are %s', (host) => {
    expect(kindOf(check.check(asked(host)))).toBe('own');
  });

  test.each([
    'evil.example',
    'evil.example:8787',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io:8787',
    'localhost.evil.example',
    'xn--localhost-6za',
    'llm.example.com.evil.example',
    'example.com',
    '127.1',
    '1.2.3.4.5',
    '2130706433',
    '0x7f000001',
    'localhost..',
    '',
  ])('are not %s, which any page could point here [A14]', (host) => {
    expect(kindOf(check.check(asked(host)))).toBe('host_not_allowed');
  });

  test('are told with the key of the file that mends it', () => {
    const visit = check.check(asked('evil.example:1'));
    expect(visit).toMatchObject({ refusal: { message: expect.stringContaining('"evil.example"') } });
    expect(visit).toMatchObject({ refusal: { message: expect.stringContaining('listen.hosts') } });
  });

  test('are those that it listens by, too', () => {
    expect(
      kindOf(new VisitorCheck('listen', 'Box.lan', { hosts: [], origins: [] }, false).check(asked('box.lan:1'))),
    ).toBe('own');
  });

  test('are all names where it takes any, unless there is a list', () => {
    const any = new VisitorCheck('listen', '0.0.0.0', { hosts: [], origins: [] }, true);
    expect(kindOf(any.check(asked('evil.example')))).toBe('own');
    expect(kindOf(new VisitorCheck('listen', '0.0.0.0', rules, true).check(asked('evil.example')))).toBe(
      'host_not_allowed',
    );
  });
});

describe('pages that call a listener', () => {
  test.each([
    ['localhost:8787', 'http://localhost:8787'],
    ['127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['llm.example.com', 'https://llm.example.com'],
    ['LLM.example.com', 'https://llm.example.com'],
  ])('are its own: %s by %s', (host, origin) => {
    expect(kindOf(check.check(asked(host, origin)))).toBe('own');
  });

  test.each(['https://chat.example.com', 'HTTPS://Chat.example.com', 'app://notes'])(
    'are those of a listed origin: %s',
    (origin) => {
      expect(check.check(asked('localhost:8787', origin))).toEqual({ kind: 'cross', origin });
    },
  );

  test.each([
    'null',
    '',
    'http://chat.example.com',
    'https://chat.example.com:444',
    'https://chat.example.com.evil.example',
    'https://evil.example',
    'http://localhost',
    'http://localhost:3000',
    'https://localhost:8787/',
    'http://localhost:8787, https://chat.example.com',
    'file://',
  ])('are nobody else: %s [A14] [A32]', (origin) => {
    const visit = check.check(asked('localhost:8787', origin));
    expect(kindOf(visit)).toBe('origin_not_allowed');
    expect(visit).toMatchObject({ refusal: { message: expect.stringContaining('listen.origins') } });
  });
});

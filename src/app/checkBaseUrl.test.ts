import { describe, expect, test } from 'vitest';
import { checkBaseUrl } from './checkBaseUrl.ts';

const own = [
  { host: '127.0.0.1', port: 8787 },
  { host: '10.0.0.9', port: 8788 },
];

const whatOf = (url: string, isOwnHost = false): string | null =>
  checkBaseUrl(url, { own, isOwnHost, reach: 'loopback' })?.what ?? null;

describe('checkBaseUrl', () => {
  test.each([
    'https://api.openai.com/v1',
    'http://127.0.0.1:8000/v1',
    'http://10.0.0.5:8000/v1',
    'http://vllm:8000',
    'http://[fd00::1]:8000',
  ])('%s may be called', (url) => {
    expect(whatOf(url)).toBeNull();
  });

  test('http to a public address only for machines of one own', () => {
    expect(whatOf('http://models.example.com/v1')).toContain('http to a public address');
    expect(whatOf('http://models.example.com/v1', true)).toBeNull();
  });

  test.each(['ftp://example.com', 'file:///etc/passwd', 'javascript:alert(1)', 'data:,x'])(
    '%s is no address of a vendor',
    (url) => {
      expect(whatOf(url)).toContain('neither https nor http');
    },
  );

  test('a credential inside is refused and not shown', () => {
    const said = JSON.stringify(
      checkBaseUrl('https://user:canary-31@example.com', { own, isOwnHost: false, reach: 'public' }),
    );
    expect(said).toContain('carries a credential');
    expect(said).not.toContain('canary');
  });

  test.each(['https://example.com/?key=1', 'https://example.com/#a'])('%s goes on after its path', (url) => {
    expect(whatOf(url)).toContain('query or a fragment');
  });

  test.each(['http://169.254.169.254/latest', 'https://[fe80::1]/', 'http://0xa9fea9fe/'])(
    '%s is where clouds keep credentials',
    (url) => {
      expect(whatOf(url, true)).toContain('link-local');
    },
  );

  test.each([
    'http://127.0.0.1:8787/v1',
    'http://localhost:8787',
    'http://[::1]:8787',
    'http://0.0.0.0:8787',
    'http://2130706433:8787',
    'https://127.0.0.1:8787',
    'http://10.0.0.9:8788/v1',
  ])('%s is ourselves', (url) => {
    expect(whatOf(url, true)).toContain('listens on itself');
  });

  test.each([
    ['http://0.0.0.0:8000', 'means none'],
    ['http://[::]:8000', 'means none'],
    ['http://224.0.0.1', 'many machines'],
    ['http://255.255.255.255', 'many machines'],
    ['http://[fd00:ec2::254]/latest', 'keep their credentials'],
    ['http://[::ffff:169.254.169.254]', 'keep their credentials'],
    ['http://[64:ff9b::a9fe:a9fe]', 'keep their credentials'],
  ])('%s is where no vendor is [A13]', (url, what) => {
    expect(whatOf(url, true)).toContain(what);
  });

  test('an address nearer than the file allows is told, with the way to allow it', () => {
    const near = { own, isOwnHost: false, reach: 'public' } as const;
    expect(checkBaseUrl('https://10.0.0.5', near)).toEqual({
      what: 'a private address, where addresses: public keeps calls from',
      mend: 'write addresses: private',
    });
    expect(checkBaseUrl('https://vendor.example', near)).toBeNull();
  });

  test('another port of this machine is somebody else', () => {
    expect(whatOf('http://127.0.0.1:8789')).toBeNull();
    expect(whatOf('http://10.0.0.9:8787')).toBeNull();
  });

  test('who listens everywhere is met on every address of this machine that is surely here', () => {
    const everywhere = [{ host: '0.0.0.0', port: 443 }];
    expect(checkBaseUrl('https://localhost', { own: everywhere, isOwnHost: false, reach: 'loopback' })?.what).toContain(
      'listens on itself',
    );
  });
});

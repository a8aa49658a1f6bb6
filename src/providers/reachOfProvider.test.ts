import { expect, test } from 'vitest';
import { reachOfProvider } from './reachOfProvider.ts';

const rival = { vendor: 'rival', host: [{ name: 'rival', share: null }], addresses: null } as const;
const own = {
  ...rival,
  host: [
    { name: 'rival', share: null },
    { name: 'self', share: null },
  ],
};

test('a public name leads to public addresses only, unless the file says otherwise [A13]', () => {
  expect(reachOfProvider(rival, 'https://api.rival.example/v1')).toBe('public');
  expect(reachOfProvider({ ...rival, addresses: 'private' }, 'https://api.rival.example/v1')).toBe('private');
  expect(reachOfProvider({ ...rival, addresses: 'loopback' }, 'https://api.rival.example/v1')).toBe('loopback');
});

test('a URL that names a near place itself means it', () => {
  expect(reachOfProvider(rival, 'http://127.0.0.1:8000/v1')).toBe('loopback');
  expect(reachOfProvider(rival, 'http://localhost:8000/v1')).toBe('loopback');
  expect(reachOfProvider(rival, 'http://10.0.0.5:8000/v1')).toBe('private');
  expect(reachOfProvider(rival, 'http://vllm:8000/v1')).toBe('private');
});

test('machines of one’s own may be anywhere, but where the file says less', () => {
  expect(reachOfProvider(own, 'https://models.firm.example/v1')).toBe('loopback');
  expect(reachOfProvider({ ...rival, vendor: 'self' }, 'https://models.firm.example/v1')).toBe('loopback');
  expect(reachOfProvider({ ...own, addresses: 'public' }, 'https://models.firm.example/v1')).toBe('public');
});

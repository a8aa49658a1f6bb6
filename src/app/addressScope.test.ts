import { describe, expect, test } from 'vitest';
import { addressScope } from './addressScope.ts';

describe('addressScope', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0x7f.1', 'loopback'],
    ['2130706433', 'loopback'],
    ['localhost', 'loopback'],
    ['LOCALHOST.', 'loopback'],
    ['api.localhost', 'loopback'],
    ['::1', 'loopback'],
    ['[::1]', 'loopback'],
    ['[::ffff:127.0.0.1]', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['10.0.0.5', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['[::ffff:10.0.0.1]', 'private'],
    ['vllm', 'private'],
    ['vllm.internal', 'private'],
    ['printer.local', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['[::ffff:169.254.169.254]', 'link-local'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2001:db8::1', 'public'],
    ['api.openai.com', 'public'],
    ['127.0.0.1.example.com', 'public'],
    ['not a host', 'public'],
  ])('%s is %s', (host, scope) => {
    expect(addressScope(host)).toBe(scope);
  });
});

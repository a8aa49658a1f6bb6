import { expect, test } from 'vitest';
import { HeldConversations } from './HeldConversations.ts';

test('an answer is found with its holder, by whose organisation it is', () => {
  const held = new HeldConversations();
  held.keep('one', 'msg_1', 'vendor/main');
  expect(held.holderOf('one', 'msg_1')).toBe('vendor/main');
  // Not null, upon which any holder would be asked.
  expect(held.holderOf('other', 'msg_1')).toBe('of another organisation');
  expect(held.holderOf('one', 'msg_2')).toBeNull();
});

test('the oldest is forgotten, and an id without end is not remembered', () => {
  const held = new HeldConversations();
  for (let index = 0; index <= 20_000; index += 1) held.keep('one', `msg_${index}`, 'vendor/main');
  expect(held.holderOf('one', 'msg_0')).toBeNull();
  expect(held.holderOf('one', 'msg_1')).toBe('vendor/main');
  const endless = 'x'.repeat(10_000);
  held.keep('one', endless, 'vendor/main');
  expect(held.holderOf('one', endless)).toBeNull();
});

import { expect, test } from 'vitest';
import { wrongContentType } from './wrongContentType.ts';

test.each([
  { 'content-type': 'application/json' },
  { 'content-type': 'Application/JSON; charset=utf-8' },
  { 'content-type': 'application/vnd.api+json' },
  { 'content-type': 'application/json', 'content-encoding': 'identity' },
  { 'content-type': 'application/json', 'content-encoding': 'Identity' },
])('%j announces plain JSON', (headers) => {
  expect(wrongContentType(headers)).toBeNull();
});

test.each([
  {},
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/jsonp' },
  { 'content-type': 'text/application/json' },
  { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  { 'content-type': 'application/json', 'content-encoding': 'identity, gzip' },
])('%j does not, and is refused before its body is read [A36]', (headers) => {
  expect(wrongContentType(headers)).toMatchObject({ code: 'wrong_content_type', close: true });
});

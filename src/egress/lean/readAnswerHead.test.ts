import { expect, test } from 'vitest';
import { readAnswerHead } from './readAnswerHead.ts';

const headOf = (lines: readonly string[], method = 'POST') => {
  const read = readAnswerHead(lines.join('\r\n'), method);
  if (!read.ok) throw new Error(read.fault);
  return read.value;
};

test('headers come in lower case and trimmed; those that come again make a list', () => {
  const { status, headers } = headOf([
    'HTTP/1.1 200 OK',
    'Set-Cookie: a',
    'X-Empty:',
    'SET-COOKIE:\t b \t',
    'set-cookie: c',
  ]);
  expect(status).toBe(200);
  expect({ ...headers }).toEqual({ 'set-cookie': ['a', 'b', 'c'], 'x-empty': '' });
});

test('a header may be called like a member of every object', () => {
  const { headers } = headOf(['HTTP/1.1 200 OK', 'constructor: a', '__proto__: b', '__proto__: c']);
  expect(Object.entries(headers)).toEqual([
    ['constructor', 'a'],
    ['__proto__', ['b', 'c']],
  ]);
  expect(Object.entries(headOf(['HTTP/1.1 200 OK']).headers)).toEqual([]);
});

test('the words after the status may be missing, blank and all', () => {
  expect(headOf(['HTTP/1.1 404']).status).toBe(404);
  expect(headOf(['HTTP/1.1 404 ']).status).toBe(404);
});

test.each([
  ['POST', 200, ['content-length: 12'], { kind: 'sized', bytes: 12 }],
  ['POST', 200, ['Transfer-Encoding: Chunked'], { kind: 'chunked' }],
  ['POST', 200, [], { kind: 'untilClose' }],
  ['HEAD', 200, ['content-length: 12'], { kind: 'sized', bytes: 0 }],
  ['POST', 204, [], { kind: 'sized', bytes: 0 }],
  ['POST', 304, ['content-length: 12'], { kind: 'sized', bytes: 0 }],
  ['POST', 304, ['transfer-encoding: chunked'], { kind: 'sized', bytes: 0 }],
])('%s answered with %i and %j', (method, status, lines, framing) => {
  expect(headOf([`HTTP/1.1 ${status} `, ...lines], method).framing).toEqual(framing);
});

const length = 'content-length: 0';

test.each([
  ['HTTP/1.1', 'POST', 200, [length], Infinity],
  ['HTTP/1.1', 'POST', 200, [length, 'connection: keep-alive'], Infinity],
  ['HTTP/1.1', 'POST', 200, [length, 'Keep-Alive: timeout=5, max=100'], 4_000],
  ['HTTP/1.1', 'POST', 200, [length, 'keep-alive: max=100,timeout = 60'], 59_000],
  ['HTTP/1.1', 'POST', 200, [length, 'keep-alive: timeout=1'], 0],
  ['HTTP/1.1', 'POST', 200, [length, 'keep-alive: timeout=0'], 0],
  ['HTTP/1.1', 'POST', 200, [length, 'keep-alive: mytimeout=1'], Infinity],
  ['HTTP/1.1', 'POST', 200, [length, 'connection: Close'], 0],
  ['HTTP/1.1', 'POST', 200, [length, 'connection: x, close'], 0],
  ['HTTP/1.1', 'POST', 200, [length, 'connection: x', 'connection: close'], 0],
  ['HTTP/1.1', 'POST', 200, [length, 'connection: closed'], Infinity],
  ['HTTP/1.1', 'POST', 200, [], 0],
  ['HTTP/1.1', 'HEAD', 200, [length], 0],
  ['HTTP/1.1', 'POST', 204, [], Infinity],
  ['HTTP/1.1', 'POST', 204, [length], Infinity],
  ['HTTP/1.1', 'POST', 204, ['content-length: 5'], 0],
  ['HTTP/1.1', 'POST', 304, ['transfer-encoding: chunked'], 0],
  ['HTTP/1.1', 'POST', 200, ['transfer-encoding: chunked'], Infinity],
  ['HTTP/1.0', 'POST', 200, [length], 0],
  ['HTTP/1.0', 'POST', 200, [length, 'connection: keep-alive'], Infinity],
  ['HTTP/1.0', 'POST', 200, ['transfer-encoding: chunked', 'connection: keep-alive'], 0],
])('%s %s %i %j is used again within %d ms', (version, method, status, lines, idleMsMax) => {
  expect(headOf([`${version} ${status} `, ...lines], method).idleMsMax).toBe(idleMsMax);
});

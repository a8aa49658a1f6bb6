import fc from 'fast-check';

/** An answer on the wire and what it says. */
export interface WrittenAnswer {
  /** Text of single bytes. */
  readonly wire: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly status: number;
  readonly body: string;
  /** Whether the end of the connection is its end. */
  readonly untilClose: boolean;
}

const tokenLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
const token = fc
  .array(fc.constantFrom(...tokenLetters.split('')), { minLength: 1, maxLength: 12 })
  .map((letters) => letters.join(''));
const printable = fc
  .array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 20 })
  .map((codes) => String.fromCharCode(...codes.filter((code) => code !== 0x7f)).trim())
  // The parser that we compare with trims blanks only; String.trim takes the no-break space as well.
  .map((value) => value.replace(/^\xa0+|\xa0+$/g, ''));
const blanks = fc.constantFrom('', ' ', '  ', '\t', ' \t ');
/** Names that say how the answer is framed or the connection used are added where they belong. */
const framingName = /^(content-length|transfer-encoding|connection|keep-alive|upgrade|trailer|te|__proto__)$/i;
const header = fc
  .record({ name: token.filter((name) => !framingName.test(name)), before: blanks, value: printable, after: blanks })
  .map(({ name, before, value, after }) => `${name}:${before}${value}${after}\r\n`);
const headers = fc.array(header, { maxLength: 6 }).map((lines) => lines.join(''));
const content = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 })
  .map((codes) => String.fromCharCode(...codes));
const extension = fc.constantFrom('', ';a', ';a=b', ';a="b c"', ';a=b;c=d');

const sized = fc.record({ headers, content }).map(({ headers: lines, content: body }) => ({
  lines: `${lines}Content-Length: ${body.length}\r\n`,
  body,
  framed: body,
}));

const chunked = fc
  .record({
    headers,
    pieces: fc.array(
      fc.record({ content: content.filter((piece) => piece !== ''), extension, upper: fc.boolean(), zeros: fc.nat(3) }),
      { maxLength: 5 },
    ),
    last: extension,
    trailers: headers,
  })
  .map(({ headers: lines, pieces, last, trailers }) => ({
    lines: `${lines}transfer-encoding: chunked\r\n`,
    body: pieces.map((piece) => piece.content).join(''),
    framed: `${pieces
      .map((piece) => {
        const size = '0'.repeat(piece.zeros) + piece.content.length.toString(16);
        return `${piece.upper ? size.toUpperCase() : size}${piece.extension}\r\n${piece.content}\r\n`;
      })
      .join('')}0${last}\r\n${trailers}\r\n`,
  }));

const untilClose = fc
  .record({ headers, content })
  .map(({ headers: lines, content: body }) => ({ lines, body, framed: body }));

const interim = fc
  .array(headers, { maxLength: 2 })
  .map((all) => all.map((lines) => `HTTP/1.1 103 Early Hints\r\n${lines}\r\n`).join(''));
const reason = fc.constantFrom('OK', 'Not Found', 'Ein Gru\xdf', '');

/** Well-formed answers of every framing, interim answers before them. */
export const writtenAnswers: fc.Arbitrary<WrittenAnswer> = fc
  .record({
    method: fc.constantFrom('GET' as const, 'POST' as const, 'HEAD' as const),
    status: fc.constantFrom(200, 201, 204, 206, 304, 400, 401, 404, 429, 500, 503, 529),
    reason,
    interim,
    framing: fc.oneof(
      sized.map((framing) => ({ ...framing, open: false })),
      chunked.map((framing) => ({ ...framing, open: false })),
      untilClose.map((framing) => ({ ...framing, open: true })),
    ),
  })
  .map(({ method, status, reason: words, interim: before, framing }) => {
    const bodyless = method === 'HEAD' || status === 204 || status === 304;
    const head = `${before}HTTP/1.1 ${status} ${words}\r\n${framing.lines}\r\n`;
    return {
      wire: bodyless ? head : head + framing.framed,
      method,
      status,
      body: bodyless ? '' : framing.body,
      untilClose: framing.open && !bodyless,
    };
  });

/** Small answers of each kind, for every split there is. */
export const smallAnswers: Readonly<Record<string, { readonly wire: string; readonly body: string }>> = {
  'one of a stated length': { wire: 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 4\r\n\r\ndone', body: 'done' },
  'an empty one': { wire: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', body: '' },
  'one in chunks with extensions and trailers': {
    wire: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;a="b"\r\ndon\r\n00B\r\ne and done.\r\n0;c\r\nx: y\r\nz:\r\n\r\n',
    body: 'done and done.',
  },
  'one after interim answers': {
    wire: 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 103 \r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    body: 'ok',
  },
};

const ok = 'HTTP/1.1 200 OK\r\n';
const inChunks = `${ok}transfer-encoding: chunked\r\n\r\n`;

/** What is no answer, or two answers to two readers. */
export const malformedAnswers: Readonly<Record<string, string>> = {
  'another protocol': '220 smtp.example ESMTP\r\n',
  'another version': 'HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n',
  'a version without a minor': 'HTTP/1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n',
  'a status that is no number': 'HTTP/1.1 abc OK\r\ncontent-length: 0\r\n\r\n',
  'two blanks before the status': 'HTTP/1.1  200 OK\r\ncontent-length: 0\r\n\r\n',
  'a control character in the reason': 'HTTP/1.1 200 O\0K\r\ncontent-length: 0\r\n\r\n',
  'a line end before the answer': '\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'bare line feeds': 'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
  'a bare line feed between headers': `${ok}a: b\nc: d\r\n\r\n`,
  'a bare carriage return in a header': `${ok}a: b\rc: d\r\n\r\n`,
  'a NUL in a header': `${ok}a: b\0c\r\ncontent-length: 0\r\n\r\n`,
  'a folded header': `${ok}a: b\r\n c\r\ncontent-length: 0\r\n\r\n`,
  'a blank before the colon': `${ok}content-length : 0\r\n\r\n`,
  'a header without a colon': `${ok}content-length\r\n\r\n`,
  'a header without a name': `${ok}: 5\r\n\r\n`,
  'a name that is no token': `${ok}conte(nt: 5\r\n\r\n`,
  'two lengths': `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\nabc`,
  'the same length twice': `${ok}content-length: 2\r\nContent-Length: 2\r\n\r\nab`,
  'a list of lengths': `${ok}content-length: 2, 3\r\n\r\nabc`,
  'an empty length': `${ok}content-length: \r\n\r\n`,
  'a negative length': `${ok}content-length: -1\r\n\r\n`,
  'a length with a sign': `${ok}content-length: +2\r\n\r\nab`,
  'a hexadecimal length': `${ok}content-length: 0x2\r\n\r\nab`,
  'a length beyond counting': `${ok}content-length: 99999999999999999999\r\n\r\nab`,
  'a length beside chunks': `${ok}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'another transfer coding': `${ok}transfer-encoding: gzip\r\n\r\nabc`,
  'a transfer coding under chunks': `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'chunks twice': `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a coding that only ends like chunks': `${ok}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  'an interim answer of HTTP/1.0': `HTTP/1.0 103 Early Hints\r\n\r\n${ok}content-length: 0\r\n\r\n`,
  'a chunk size that is no number': `${inChunks}g\r\nabc\r\n0\r\n\r\n`,
  'a chunk without a size': `${inChunks}\r\nabc\r\n0\r\n\r\n`,
  'a chunk size with a sign': `${inChunks}+3\r\nabc\r\n0\r\n\r\n`,
  'a chunk size with a prefix': `${inChunks}0x3\r\nabc\r\n0\r\n\r\n`,
  'a chunk size beyond counting': `${inChunks}fffffffffffffffff\r\nabc\r\n0\r\n\r\n`,
  'a blank behind a chunk size': `${inChunks}3 \r\nabc\r\n0\r\n\r\n`,
  'a blank before a chunk size': `${inChunks} 3\r\nabc\r\n0\r\n\r\n`,
  'a bare line feed behind a chunk size': `${inChunks}3\nabc\r\n0\r\n\r\n`,
  'a bare line feed in an extension': `${inChunks}3;a\nabc\r\n0\r\n\r\n`,
  'a bare carriage return in an extension': `${inChunks}3;a\rb\r\nabc\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${inChunks}3\r\nabcd\r\n0\r\n\r\n`,
  'a chunk shorter than its size': `${inChunks}4\r\nabc\r\n0\r\n\r\n`,
  'a bare line feed behind a chunk': `${inChunks}3\r\nabc\n0\r\n\r\n`,
  'a trailer without a colon': `${inChunks}0\r\nabc\r\n\r\n`,
  'a folded trailer': `${inChunks}0\r\na: b\r\n c\r\n\r\n`,
};

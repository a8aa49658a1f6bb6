/** What a corpus is written for: a call that leaves a mark behind it, so that it can be told what was read of it, and how often. */
export interface RawCall {
  /** "POST /v1/chat/completions" */
  readonly line: string;
  /** Header lines that it needs, each with its line end. */
  readonly headers: string;
  /** The body that leaves this mark. */
  readonly body: (mark: string) => string;
  /** A whole request of one more client, which closes its connection and whose answer repeats the mark. */
  readonly nextClient: (mark: string) => string;
}

/**
 * What must come of it where it is sent directly. `served`: each intended call, and nothing else. `refused`: one refusal or none, then the end of the
 * connection. `answered`: nothing is called, and the connection may go on. `once`: the intended call or nothing.
 */
export type RawVerdict = 'served' | 'refused' | 'answered' | 'once';

/** Bytes on one connection. */
export interface RawRequest {
  readonly name: string;
  readonly verdict: RawVerdict;
  readonly bytes: string;
  /** Marks of the calls that it may be read as, in order. Whatever else it carries is hidden in it, and must never be read. */
  readonly intended: readonly string[];
  /** What is hidden stands behind a request that others may take for well-formed: by them, and by them alone, it may be read as one of its own. */
  readonly hiddenBehind: boolean;
}

/** The mark of a call that nobody may read out of request number `index`. */
export const smuggledMark = (prefix: string, index: number): string => `${prefix}-${index}-smuggled`;

type Row = readonly [
  name: string,
  verdict: RawVerdict,
  bytes: string,
  more?: { readonly calls?: number; readonly hiddenBehind?: true },
];

const chunk = (text: string, size = text.length.toString(16)): string => `${size}\r\n${text}\r\n`;
const lastChunk = '0\r\n\r\n';
const lengthOf = (text: string): string => `Content-Length: ${text.length}\r\n`;
const isChunked = 'Transfer-Encoding: chunked\r\n';

/** Everything that one request is written with. */
interface Words {
  readonly call: RawCall;
  /** A head up to its last header, without the empty line. */
  readonly head: string;
  readonly body: string;
  readonly second: string;
  /** A whole request that hides in or behind another. */
  readonly smuggled: string;
}

const wordsFor = (call: RawCall, mark: string, hidden: string): Words => {
  const head = `${call.line} HTTP/1.1\r\nHost: localhost\r\n${call.headers}`;
  const whole = (of: string): string => `${head}${lengthOf(call.body(of))}\r\n${call.body(of)}`;
  return { call, head, body: call.body(mark), second: whole(`${mark}-second`), smuggled: whole(hidden) };
};

/** How long the body is, told in two ways or in none. */
const framing = ({ head, body, second, smuggled }: Words): readonly Row[] => {
  const chunks = `${chunk(body)}${lastChunk}`;
  const length = lengthOf(body);
  const pieces = body
    .split('')
    .map((letter) => chunk(letter))
    .join('');
  const inChunks = (text: string): string => `${head}${isChunked}\r\n${text}`;
  const coded = (header: string): string => `${head}${header}\r\n\r\n${chunks}`;
  const measured = (header: string): string => `${head}${header}\r\n\r\n${body}`;
  return [
    ['a length', 'served', `${head}${length}\r\n${body}`],
    ['one chunk', 'served', inChunks(chunks)],
    ['a chunk for each byte', 'served', inChunks(`${pieces}${lastChunk}`)],
    [
      'a chunk size in capitals',
      'served',
      inChunks(`${chunk(body, body.length.toString(16).toUpperCase())}${lastChunk}`),
    ],
    [
      'a chunk size with zeros before it',
      'once',
      inChunks(`${chunk(body, `000${body.length.toString(16)}`)}${lastChunk}`),
    ],
    ['a chunk extension', 'once', inChunks(`${chunk(body, `${body.length.toString(16)};a=b`)}${lastChunk}`)],
    ['a quoted chunk extension', 'once', inChunks(`${chunk(body, `${body.length.toString(16)};a="b;c"`)}${lastChunk}`)],
    [
      'a chunk extension with a quoted line end',
      'refused',
      inChunks(`${chunk(body, `${body.length.toString(16)};a="\r\n0\r\n\r\n"`)}${lastChunk}${smuggled}`),
    ],
    [
      'a chunk extension of 20,000 bytes',
      'refused',
      inChunks(`${chunk(body, `${body.length.toString(16)};${'e'.repeat(20_000)}`)}${lastChunk}`),
    ],
    [
      'a chunk extension that LF ends',
      'refused',
      inChunks(`${body.length.toString(16)};a\n${body}\r\n${lastChunk}${smuggled}`),
      { hiddenBehind: true },
    ],
    [
      'a chunk extension with a bare CR',
      'refused',
      inChunks(`${body.length.toString(16)};a\rb\r\n${body}\r\n${lastChunk}`),
    ],
    ['a negative chunk', 'refused', inChunks(`${chunk(body, '-1')}${lastChunk}`)],
    ['a chunk size with a prefix', 'refused', inChunks(`${chunk(body, `0x${body.length.toString(16)}`)}${lastChunk}`)],
    ['a chunk size with a sign', 'refused', inChunks(`${chunk(body, `+${body.length.toString(16)}`)}${lastChunk}`)],
    [
      'a chunk size with a space before it',
      'refused',
      inChunks(`${chunk(body, ` ${body.length.toString(16)}`)}${lastChunk}`),
    ],
    ['a chunk size of 17 digits', 'refused', inChunks(`${chunk(body, '1'.padEnd(17, '0'))}${lastChunk}`)],
    ['a chunk size that is none', 'refused', inChunks(`${chunk(body, 'zz')}${lastChunk}`)],
    ['no chunk size', 'refused', inChunks(`\r\n${body}\r\n${lastChunk}`)],
    ['a chunk longer than its size', 'refused', inChunks(`${chunk(body, '3')}${lastChunk}`)],
    [
      'a chunk shorter than its size',
      'refused',
      inChunks(`${chunk(body, (body.length + 2).toString(16))}${lastChunk}${smuggled}`),
    ],
    ['a chunk size that LF ends', 'refused', inChunks(`${body.length.toString(16)}\n${body}\n0\n\n`)],
    ['chunk data that LF ends', 'refused', inChunks(`${body.length.toString(16)}\r\n${body}\n${lastChunk}`)],
    ['a last chunk that never comes', 'refused', inChunks(chunk(body))],
    ['trailers', 'once', inChunks(`${chunk(body)}0\r\nX-Trailer: a\r\n\r\n`)],
    [
      'trailers that speak of framing',
      'once',
      inChunks(`${chunk(body)}0\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\nHost: evil.example\r\n\r\n`),
    ],
    ['a trailer without a colon', 'refused', inChunks(`${chunk(body)}0\r\nwhatever\r\n\r\n`)],
    ['a request among the trailers', 'refused', inChunks(`${chunk(body)}0\r\n${smuggled}`)],
    [
      'a length before chunks that end early',
      'refused',
      `${head}${lengthOf(`${lastChunk}${smuggled}`)}${isChunked}\r\n${lastChunk}${smuggled}`,
    ],
    [
      'chunks before a length that ends early',
      'refused',
      `${head}${isChunked}Content-Length: 4\r\n\r\n${chunk(smuggled)}${lastChunk}`,
    ],
    ['a length of zero beside chunks', 'refused', `${head}Content-Length: 0\r\n${isChunked}\r\n${chunks}`],
    ['an empty length beside chunks', 'refused', `${head}Content-Length:\r\n${isChunked}\r\n${chunks}`],
    ['one length twice', 'refused', `${head}${length}${length}\r\n${body}`],
    ['two lengths', 'refused', `${head}Content-Length: 0\r\n${length}\r\n${body}${smuggled}`],
    ['two lengths the other way round', 'refused', `${head}${length}Content-Length: 0\r\n\r\n${body}${smuggled}`],
    ['a list of one length', 'refused', measured(`Content-Length: ${body.length}, ${body.length}`)],
    ['a list of two lengths', 'refused', measured(`Content-Length: 0, ${body.length}`)],
    ['a length with a plus', 'refused', measured(`Content-Length: +${body.length}`)],
    ['a length with a minus', 'refused', measured(`Content-Length: -${body.length}`)],
    ['a length in hexadecimal', 'refused', measured(`Content-Length: 0x${body.length.toString(16)}`)],
    ['a length with a fraction', 'refused', measured(`Content-Length: ${body.length}.0`)],
    ['a length with a space in it', 'refused', measured(`Content-Length: ${body.length} 0`)],
    ['an empty length', 'refused', measured('Content-Length:')],
    ['a length beyond 64 bits', 'refused', measured(`Content-Length: 1${'0'.repeat(24)}`)],
    ['a length with zeros before it', 'once', measured(`Content-Length: 000${body.length}`)],
    ['a length in spaces', 'served', measured(`Content-Length: \t ${body.length} \t`)],
    ['a body shorter than its length', 'refused', `${head}${lengthOf(`${body}xx`)}\r\n${body}`],
    ['a coding of no name', 'refused', coded('Transfer-Encoding: xchunked')],
    ['a coding after chunked', 'refused', coded('Transfer-Encoding: chunked, identity')],
    ['a coding before chunked', 'refused', coded('Transfer-Encoding: gzip, chunked')],
    ['identity alone', 'refused', `${head}Transfer-Encoding: identity\r\n${length}\r\n${body}`],
    ['chunked twice', 'refused', coded('Transfer-Encoding: chunked, chunked')],
    ['two codings in two headers', 'refused', coded('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')],
    ['two headers of chunked', 'refused', coded('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
    ['chunked in capitals', 'refused', coded('Transfer-Encoding: Chunked')],
    ['chunked with a parameter', 'refused', coded('Transfer-Encoding: chunked;q=1')],
    ['chunked with a vertical tab', 'refused', coded('Transfer-Encoding: \x0bchunked')],
    ['chunked in quotes', 'refused', coded('Transfer-Encoding: "chunked"')],
    ['a folded coding', 'refused', coded('Transfer-Encoding:\r\n chunked')],
    ['a coding with a space before the colon', 'refused', `${head}Transfer-Encoding : chunked\r\n${length}\r\n${body}`],
    ['a length with a space before the colon', 'refused', `${head}Content-Length : 0\r\n\r\n${smuggled}`],
    [
      'a coding behind a bare LF',
      'refused',
      `${head}X: y\nTransfer-Encoding: chunked\r\n${lengthOf(chunks)}\r\n${chunks}`,
    ],
    ['a coding behind a bare CR', 'refused', `${head}X: y\rTransfer-Encoding: chunked\r\n${lengthOf(body)}\r\n${body}`],
    ['a coding with an underscore', 'once', `${head}Transfer_Encoding: chunked\r\n${length}\r\n${body}`],
    ['a length with an underscore', 'once', `${head}Content_Length: 0\r\n${length}\r\n${body}`],
    ['a NUL in the name of the length', 'refused', `${head}Content-Length\0: 0\r\n${length}\r\n${body}`],
    ['chunks in HTTP/1.0', 'refused', `${head.replace('HTTP/1.1', 'HTTP/1.0')}${isChunked}\r\n${chunks}`],
    ['two requests in a row', 'served', `${head}${length}\r\n${body}${second}`, { calls: 2 }],
    ['two requests in a row, the first in chunks', 'served', `${inChunks(chunks)}${second}`, { calls: 2 }],
    ['a request behind one that closes', 'once', `${head}Connection: close\r\n${length}\r\n${body}${smuggled}`],
    [
      'a request behind one of HTTP/1.0',
      'once',
      `${head.replace('HTTP/1.1', 'HTTP/1.0')}${length}\r\n${body}${smuggled}`,
    ],
    [
      'HTTP/1.0 that keeps its connection',
      'once',
      `${head.replace('HTTP/1.1', 'HTTP/1.0')}Connection: keep-alive\r\n${length}\r\n${body}`,
    ],
  ];
};

/** Whom it is for. */
const naming = ({ call, head, body, smuggled }: Words): readonly Row[] => {
  const rest = `${lengthOf(body)}\r\n${body}`;
  const [method = '', path = ''] = call.line.split(' ');
  const toHost = (lines: string): string => `${head.replace('Host: localhost\r\n', lines)}${rest}`;
  const toTarget = (target: string): string => `${head.replace(` ${path} `, ` ${target} `)}${rest}`;
  const byLine = (line: string): string => `${head.replace(`${method} ${path} HTTP/1.1`, line)}${rest}`;
  return [
    ['an address as Host', 'served', toHost('Host: 127.0.0.1\r\n')],
    ['an address of IPv6 as Host', 'once', toHost('Host: [::1]:80\r\n')],
    ['one Host twice', 'refused', toHost('Host: localhost\r\nHost: localhost\r\n')],
    ['two Hosts', 'refused', toHost('Host: localhost\r\nHost: evil.example\r\n')],
    ['two Hosts the other way round', 'refused', toHost('Host: evil.example\r\nHost: localhost\r\n')],
    ['no Host', 'refused', toHost('')],
    ['an empty Host', 'refused', toHost('Host:\r\n')],
    ['a Host with a query and a fragment', 'refused', toHost('Host: localhost/?q#f\r\n')],
    ['a Host with a path', 'refused', toHost('Host: localhost/admin\r\n')],
    ['a Host with a user', 'refused', toHost('Host: a@localhost\r\n')],
    ['a Host with a space', 'refused', toHost('Host: localhost evil.example\r\n')],
    ['a list of Hosts', 'refused', toHost('Host: localhost, evil.example\r\n')],
    ['a Host with a port that is none', 'refused', toHost('Host: localhost:80a\r\n')],
    ['a folded Host', 'refused', toHost('Host:\r\n localhost\r\n')],
    ['a Host with a space before the colon', 'refused', toHost('Host : localhost\r\n')],
    ['a name that is not ours', 'refused', toHost('Host: evil.example\r\n')],
    ['a page of another origin', 'refused', toHost('Host: localhost\r\nOrigin: https://evil.example\r\n')],
    [
      'another place in headers of proxies',
      'served',
      toHost(
        'Host: localhost\r\nX-Forwarded-Host: evil.example\r\nX-Original-URL: /healthz\r\nX-Rewrite-URL: /healthz\r\nForwarded: host=evil.example\r\n',
      ),
    ],
    ['another method in a header', 'served', toHost('Host: localhost\r\nX-HTTP-Method-Override: DELETE\r\n')],
    ['an absolute target', 'refused', toTarget(`http://localhost${path}`)],
    ['an absolute target elsewhere', 'refused', toTarget(`http://evil.example${path}`)],
    ['a target that names a host', 'refused', toTarget(`//evil.example${path}`)],
    ['a target in the form of CONNECT', 'refused', byLine('CONNECT localhost:80 HTTP/1.1')],
    ['an asterisk', 'refused', byLine('OPTIONS * HTTP/1.1')],
    ['dots in the path', 'refused', toTarget(`/x/..${path}`)],
    ['a single dot in the path', 'refused', toTarget(`/.${path}`)],
    ['encoded dots in the path', 'refused', toTarget(`/x/%2e%2e${path}`)],
    ['an encoded slash in the path', 'refused', toTarget(path.replace(/\/([^/]*)$/, '%2F$1'))],
    ['a double slash in the path', 'refused', toTarget(path.replace(/\/([^/]*)$/, '//$1'))],
    ['a backslash in the path', 'refused', toTarget(path.replace(/\/([^/]*)$/, '\\$1'))],
    ['a fragment', 'refused', toTarget(`${path}#x`)],
    ['an encoded NUL', 'refused', toTarget(`${path}%00`)],
    ['bytes above ASCII in the target', 'refused', toTarget(`${path}\xf6`)],
    ['a space in the target', 'refused', toTarget(`${path} x`)],
    ['a tab in the request line', 'refused', byLine(`${method}\t${path} HTTP/1.1`)],
    [
      'an escaped letter in the path',
      'refused',
      toTarget(path.replace(/\/([a-z])/, (_, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`)),
    ],
    ['a parameter of the path', 'answered', toTarget(`${path};x=1`)],
    ['a path of 10,000 bytes', 'answered', toTarget(`${path}/${'a'.repeat(10_000)}`)],
    ['line ends in the query', 'answered', byLine(`GET /nowhere?x=%0d%0aHost:%20evil.example HTTP/1.1`)],
    ['a method in small letters', 'refused', byLine(`${method.toLowerCase()} ${path} HTTP/1.1`)],
    ['a method that nobody knows', 'refused', byLine(`FOO ${path} HTTP/1.1`)],
    [
      'TRACE',
      'answered',
      `TRACE ${path} HTTP/1.1\r\nHost: localhost\r\n${call.headers.replace(/content-type.*\r\n/i, '')}\r\n`,
    ],
    ['HTTP/0.9', 'refused', byLine(`${method} ${path} HTTP/0.9`)],
    ['HTTP/1.2', 'refused', byLine(`${method} ${path} HTTP/1.2`)],
    ['HTTP/2.0', 'refused', byLine(`${method} ${path} HTTP/2.0`)],
    ['no version', 'refused', byLine(`${method} ${path}`)],
    ['a space behind the version', 'refused', byLine(`${method} ${path} HTTP/1.1 `)],
    ['the preface of HTTP/2', 'refused', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`],
    ['an empty line before the request', 'once', `\r\n${head}${rest}`],
    ['lines that LF ends', 'refused', `${head}${lengthOf(body)}\r\n`.replaceAll('\r\n', '\n') + body],
    ['lines that CR ends', 'refused', `${head}${lengthOf(body)}\r\n`.replaceAll('\r\n', '\r') + body],
  ];
};

/** Headers that are none, too many, or mean something to whoever passes them on. */
const heading = ({ call, head, body, smuggled }: Words): readonly Row[] => {
  const rest = `${lengthOf(body)}\r\n${body}`;
  const withLines = (lines: string): string => `${head}${lines}${rest}`;
  const many = (count: number): string => Array.from({ length: count }, (_, at) => `x-${at}: ${at}\r\n`).join('');
  return [
    ['a bare CR in a header', 'refused', withLines('X: a\rb\r\n')],
    ['a bare LF in a header', 'refused', withLines('X: a\nY: b\r\n')],
    ['a NUL in a header', 'refused', withLines('X: a\0b\r\n')],
    ['a folded header', 'refused', withLines('X: a\r\n b\r\n')],
    ['a header without a colon', 'refused', withLines('whatever\r\n')],
    ['a header without a name', 'refused', withLines(': a\r\n')],
    ['a name with a space', 'refused', withLines('X Y: a\r\n')],
    ['a name with a bracket', 'refused', withLines('X(Y): a\r\n')],
    ['a name above ASCII', 'refused', withLines('X\xf6: a\r\n')],
    ['a first header behind a space', 'refused', `${head.replace('\r\nHost', '\r\n Host')}${rest}`],
    [
      'the names of what all objects have',
      'once',
      withLines('__proto__: x\r\nconstructor: y\r\nhasOwnProperty: z\r\n'),
    ],
    ['ten thousand headers', 'refused', `${head}${many(10_000)}${rest}`],
    ['a Host behind three hundred headers', 'refused', `${head}${many(300)}Host: evil.example\r\n${rest}`],
    ['a header of 40,000 bytes', 'refused', withLines(`X: ${'a'.repeat(40_000)}\r\n`)],
    ['two credentials', 'refused', withLines('Authorization: Bearer sk-another\r\n')],
    ['two kinds of body', 'refused', withLines('Content-Type: text/plain\r\n')],
    [
      'an upgrade to HTTP/2',
      'once',
      withLines('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'),
    ],
    [
      'an upgrade to HTTP/2 with a request behind it',
      'once',
      `${head}Connection: Upgrade\r\nUpgrade: h2c\r\nConnection: close\r\n${rest}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`,
    ],
    ['a length that is named for one hop', 'once', withLines('Connection: keep-alive, Content-Length\r\n')],
    ['a credential that is named for one hop', 'once', withLines('Connection: keep-alive, Authorization, Host\r\n')],
    ['an expectation that is met', 'served', withLines('Expect: 100-continue\r\n')],
    ['an expectation that nobody knows', 'refused', withLines('Expect: 200-ok\r\n')],
    ['an expectation among others', 'refused', withLines('Expect: 100-continue, 200-ok\r\n')],
    [
      'a request behind one with two Hosts',
      'refused',
      `${head}Host: localhost\r\n${rest}${smuggled}`,
      { hiddenBehind: true },
    ],
    [
      'a request behind one by a strange name',
      'refused',
      `${head.replace('localhost', 'evil.example')}${rest}${smuggled}`,
      { hiddenBehind: true },
    ],
    [
      'a request behind one that is too large',
      'refused',
      `${head}X: ${'a'.repeat(40_000)}\r\n${rest}${smuggled}`,
      { hiddenBehind: true },
    ],
    [
      'a request behind a wrong method',
      'once',
      `${head.replace(call.line, `TRACE ${call.line.split(' ')[1]}`)}${isChunked}\r\n${chunk(smuggled)}${lastChunk}`,
    ],
  ];
};

/** All requests of the corpus. @param prefix Of all marks: letters, digits and "-", given to nobody else. */
export const rawRequests = (call: RawCall, prefix: string): readonly RawRequest[] => {
  const rowsOf = (mark: string, hidden: string): readonly Row[] => {
    const words = wordsFor(call, mark, hidden);
    return [...framing(words), ...naming(words), ...heading(words)];
  };
  return rowsOf('', '').flatMap((_, index) => {
    const mark = `${prefix}-${index}`;
    const row = rowsOf(mark, smuggledMark(prefix, index))[index];
    if (row === undefined) return [];
    const [name, verdict, bytes, { calls = 1, hiddenBehind = false } = {}] = row;
    return [{ name, verdict, bytes, intended: [mark, `${mark}-second`].slice(0, calls), hiddenBehind }];
  });
};

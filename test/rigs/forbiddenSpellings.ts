/** What is loopback when it is read kindly: numbers in every base, other scripts' digits and dots, addresses in addresses, names. */
const hosts: readonly string[] = (
  '127.0.0.1 127.0.1 127.1 127.0.0.9 127.9 2130706433 2130706441 017700000001 0x7f000001 0X7F000001 0177.0.0.1 ' +
  '0177.0.0.01 00177.1 0x7f.0x0.0x0.0x1 0x7F.1 0177.0x0.1 127.0x0.0.1 127.000.000.001 0000127.0.0.1 127.0.0.1. ' +
  '127.1. 2130706433. 0x7f.1. 0.0.0.0 0 00 0x0 0. １２７．０．０．１ １２７.0.0.1 127。0。0。1 127．0．0．1 127｡0｡0｡1 ①②⑦.⓪.⓪.① ' +
  '⑫⑦.0.0.1 𝟏𝟐𝟕.𝟎.𝟎.𝟏 ０ｘ７ｆ.1 %31%32%37.%30.%30.%31 127%2e0%2e0%2e1 127.0.0.%31 %3127.0.0.1 127.0.0.1%00 ' +
  '127.0.0.1%20 127.0.0.1%09 [::1] [0:0:0:0:0:0:0:1] [0000::0001] [::0001] [0::1] [::] [::0] [::ffff:127.0.0.1] ' +
  '[::FFFF:7F00:1] [::ffff:7f00:0001] [0:0:0:0:0:ffff:7f00:1] [::ffff:127.0.0.9] [::ffff:0.0.0.0] [::127.0.0.1] ' +
  '[::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [2002:7f00:1::1] [::ffff:0:127.0.0.1] ' +
  '[fe80::1%25lo] [::1%25lo] [::1%lo] [fe80::1] [fd00:ec2::254] 169.254.169.254 0xa9fea9fe 2852039166 ' +
  '169.254.43518 localhost LOCALHOST LocalHost localhost. ｌｏｃａｌｈｏｓｔ loca\u00adlhost localho\u017ft lo%63alhost ' +
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ x.localhost localhost.localdomain ip6-localhost near.example NEAR.example. nea\u00adr.example ' +
  'ｎｅａｒ.example'
).split(' ');

/** Where it stands in a URL, with what some readers take for the host. */
const forms: readonly ((host: string, port: number) => string)[] = [
  (host, port) => `http://${host}:${port}/v1`,
  (host, port) => `https://${host}:${port}/v1`,
  (host, port) => `https://vendor.example@${host}:${port}/v1`,
  (host, port) => `https://${host}:${port}#@vendor.example/v1`,
  (host, port) => `https://${host}:${port}\\@vendor.example/v1`,
  (host, port) => `https:\\\\${host}:${port}\\v1`,
  (host, port) => `https:${host}:${port}/v1`,
  (host, port) => `//${host}:${port}/v1`,
  (host, port) => `HTTP:/${host}:0${port}/v1`,
  (host, port) => `ht\ntp://${host}:${port}\t/v1`,
  (host, port) => `\u0001 http://${host}:${port}/v1`,
  (host, port) => `https://vendor.example:443@${host}:${port}/`,
  (host, port) => `https://vendor.example%2f@${host}:${port}/`,
  (host, port) => `https://vendor.example\\.${host}:${port}/`,
];

/** Other ways to have something fetched. */
const otherSchemes = [
  'ftp',
  'gopher',
  'ws',
  'wss',
  'file',
  'jar:http',
  'dict',
  'ldap',
  'view-source:http',
  'tcp',
  's3',
] as const;

/** Spellings of the addresses of a forbidden listener, as URLs. `near.example` is a public name that leads there. */
export const forbiddenSpellings = (port: number): readonly string[] => [
  ...hosts.flatMap((host) => forms.map((form) => form(host, port))),
  ...otherSchemes.map((scheme) => `${scheme}://127.0.0.1:${port}/v1`),
];

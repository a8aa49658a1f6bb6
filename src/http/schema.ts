import { z } from 'zod';
import { adminKeysSchema } from '../access/index.ts';
import { faultMessage, integerField, listOf, section } from '../vocabulary/index.ts';

const hostMessage = faultMessage(
  'expected an address to listen on',
  'write an IP address or a host name, such as 127.0.0.1',
);

const listenHostField = z.string(hostMessage).regex(/^[A-Za-z0-9:._%-]{1,253}$/, hostMessage);

const namesMax = 100;

const nameMessage = faultMessage(
  'expected the name of a host',
  'write the name alone, without scheme and port, such as llm.example.com',
);

/** A name as it is compared: in lower case, without the dot of the root. */
const hostNameField = z
  .string(nameMessage)
  .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?\.?$/, nameMessage)
  .transform((name) => name.toLowerCase().replace(/\.$/, ''));

const originMessage = faultMessage(
  'expected an origin',
  'write scheme, host and port without a path, such as https://chat.example.com',
);

const originField = z
  .string(originMessage)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]{0,31}:\/\/[A-Za-z0-9._:[\]-]{1,253}$/, originMessage)
  .transform((origin) => origin.toLowerCase());

const listen = (defaultPort: number, unlisted: string) =>
  section({
    host: listenHostField.prefault('127.0.0.1').describe('Address to listen on'),
    port: integerField(0, 65_535).prefault(defaultPort).describe('Port; 0 takes a free one'),
    hosts: listOf(hostNameField, namesMax)
      .prefault([])
      .describe(`Names that it goes by beside localhost, host and every IP address${unlisted}`),
    origins: listOf(originField, namesMax)
      .prefault([])
      .describe("Origins whose web pages may call it from a browser, beside the listener's own"),
  });

/** `listen`: where clients call. */
export const listenSchema = listen(
  8787,
  '; without any, a listener that other machines reach takes every name',
).describe('Where clients call');

/** `admin`: where operators call, and with which keys. */
export const adminSchema = section({
  listen: listen(8788, '').prefault({}).describe('Where operators call'),
  keys: adminKeysSchema.prefault([]).describe('Absent: one is made at the first start, into <dataDir>/control.json'),
}).describe('The control plane');

import { z } from 'zod';
import { adminKeysSchema } from '../access/index.ts';
import { faultMessage, integerField, section } from '../vocabulary/index.ts';

const hostMessage = faultMessage(
  'expected an address to listen on',
  'write an IP address or a host name, such as 127.0.0.1',
);

const listenHostField = z.string(hostMessage).regex(/^[A-Za-z0-9:._%-]{1,253}$/, hostMessage);

const listen = (defaultPort: number) =>
  section({
    host: listenHostField.prefault('127.0.0.1').describe('Address to listen on'),
    port: integerField(0, 65_535).prefault(defaultPort).describe('Port; 0 takes a free one'),
  });

/** `listen`: where clients call. */
export const listenSchema = listen(8787).describe('Where clients call');

/** `admin`: where operators call, and with which keys. */
export const adminSchema = section({
  listen: listen(8788).prefault({}).describe('Where operators call'),
  keys: adminKeysSchema.prefault([]).describe('Absent: one is made at the first start, into <dataDir>/control.json'),
}).describe('The control plane');

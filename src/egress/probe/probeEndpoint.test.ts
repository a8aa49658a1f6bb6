import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { selfSigned } from '../selfSigned.fixture.ts';
import { TestVendor } from '../TestVendor.fixture.ts';
import { probeEndpoint, type ProbeOptions } from './probeEndpoint.ts';

let asked = 0;
const options: ProbeOptions = { reach: 'loopback', connectMs: 5_000, monotonicMs: () => (asked += 7) };

const withVendor = async (
  certificate: ReturnType<typeof selfSigned> | undefined,
  act: (vendor: TestVendor) => Promise<void>,
): Promise<void> => {
  const vendor = await TestVendor.start(() => {
    throw new Error('a probe asks nothing');
  }, certificate);
  try {
    await act(vendor);
  } finally {
    await vendor[Symbol.asyncDispose]();
  }
};

test('an endpoint that is there is reached, and told nothing', async () => {
  await withVendor(undefined, async ({ origin }) => {
    const probed = await probeEndpoint(origin, options);
    expect(probed).toEqual({ ok: true, value: { address: '127.0.0.1', connectMs: 7, certificate: null } });
  });
});

test('a certificate is told with its end, and whether calls believe it', async () => {
  const certificate = selfSigned('localhost');
  await withVendor(certificate, async ({ origin }) => {
    const endsAtMs = Date.UTC(2049, 0, 1);
    const believed = await probeEndpoint(origin, { ...options, ca: certificate.certificate });
    expect(believed).toMatchObject({ ok: true, value: { certificate: { endsAtMs, problem: null } } });
    const unknown = await probeEndpoint(origin, options);
    expect(unknown).toMatchObject({
      ok: true,
      value: { certificate: { endsAtMs, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
    });
  });
  await withVendor(selfSigned('elsewhere'), async ({ origin }) => {
    expect(await probeEndpoint(origin, options)).toMatchObject({
      value: { certificate: { problem: expect.any(String) } },
    });
  });
});

test('who refuses, has no name, or lies out of reach is told so [A13]', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  server.close();
  await once(server, 'close');
  const causeOf = async (origin: string, resolve?: ProbeOptions['resolve']): Promise<unknown> => {
    const probed = await probeEndpoint(origin, { ...options, reach: 'public', ...(resolve && { resolve }) });
    return probed.ok ? probed.value : probed.fault.cause;
  };
  expect(await probeEndpoint(`http://127.0.0.1:${port}`, options)).toMatchObject({
    fault: { cause: 'connect_refused' },
  });
  const nobody = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  expect(await causeOf('https://vendor.example', () => Promise.reject(nobody))).toBe('name_not_found');
  expect(await causeOf('https://vendor.example', () => Promise.resolve(['127.0.0.1']))).toBe('forbidden_address');
});

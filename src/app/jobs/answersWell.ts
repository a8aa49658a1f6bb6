import type { Transport } from '../../egress/index.ts';

/** How long a server may take to say that it is ready. */
const probeMs = 2_000;

/** Whether a URL answers 200 in time. Never rejects: no answer is an answer. */
export const answersWell = (transport: Transport, url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { origin, pathname } = new URL(url);
    let status = 0;
    const end = (answers: boolean): void => {
      clearTimeout(timer);
      resolve(answers);
    };
    const timer = setTimeout(() => {
      handle.abort();
      resolve(false);
    }, probeMs);
    const handle = transport.call(
      { origin, credential: 'readiness', reach: 'loopback', method: 'GET', path: pathname, headers: {}, body: null },
      {
        head: (answered) => void (status = answered),
        chunk: () => {},
        end: () => end(status === 200),
        failed: () => end(false),
      },
    );
  });

import type { ControlPlane, Operator, ReadinessReason } from './ControlPlane.ts';
import { controlErrors } from './errors.ts';
import { isLoopback } from './isLoopback.ts';
import { faultBody } from './sendAnswer.ts';

/** What the control plane answers without being asked for a key, ready to be sent. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who asks. */
export interface OpenAsker {
  /** Null without a key. */
  readonly operator: Operator | null;
  readonly address: string | undefined;
}

export const openPaths = ['/healthz', '/readyz', '/metrics'] as const;

export type OpenPath = (typeof openPaths)[number];

const json = (status: number, body: object): OpenAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

const detailJson = ({ sinceMs, ...reason }: ReadinessReason): object => ({
  ...reason,
  since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
});

const keyInvalid = (): OpenAnswer => {
  const code = 'operator_key_invalid';
  const { status, what } = controlErrors[code];
  const answer = json(status, faultBody(code, what));
  return { ...answer, headers: { ...answer.headers, 'x-archipel-error': code } };
};

/** Whether the process lives, whether it serves, and what it counts: balancers and scrapers ask for that, and often for nothing else. */
export const openAnswer = async (path: OpenPath, asker: OpenAsker, control: ControlPlane): Promise<OpenAnswer> => {
  switch (path) {
    case '/healthz':
      return json(200, { status: 'ok' });
    case '/readyz': {
      const { ready, reasons, details } = await control.readiness();
      const answer = { status: ready ? 'ok' : 'not ready' };
      return json(
        ready ? 200 : 503,
        asker.operator === null ? answer : { ...answer, reasons, details: details.map(detailJson) },
      );
    }
    case '/metrics':
      if (asker.operator === null && !isLoopback(asker.address)) return keyInvalid();
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: control.metricsText(),
      };
  }
};

import { reachOf, type Transport } from '../../egress/index.ts';
import { isRunning, type ControlFile, type RunningControl } from '../controlFile.ts';
import { askFreely } from './askFreely.ts';
import { findingsOf, type Finding } from './Finding.ts';

export interface ServerQuestion {
  readonly control: ControlFile | null;
  /** Process number that holds the data dir; null where nobody does. */
  readonly holder: number | null;
  readonly transport: Transport;
  readonly version: string;
  /** Whether other servers may use its database. */
  readonly shared: boolean;
}

/** What a running server says of itself, as far as it was reached. */
export interface ServerState {
  readonly findings: readonly Finding[];
  /** Records that are not in the database yet; null where it did not say. */
  readonly backlogRecords: number | null;
}

const answerMs = 5_000;

const { ok, warn, fail } = findingsOf('server');

/** Asks a running server as its operator. @returns its answer, or why there is none. */
export const askControl = async (
  transport: Transport,
  control: RunningControl,
  path: string,
): Promise<{ readonly status: number; readonly body: Buffer } | string> => {
  const { origin, hostname } = new URL(control.adminUrl);
  const answered = await askFreely(
    transport,
    {
      origin,
      reach: reachOf(hostname),
      credential: 'control',
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${control.adminKey}` },
      body: null,
    },
    answerMs,
  );
  return answered.ok ? answered.value : answered.fault.message;
};

const fieldsIn = (body: Buffer): Readonly<Record<string, unknown>> => {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
  } catch {
    return {};
  }
};

/** Codes and words of what is not as it should be. */
const detailsIn = (details: unknown): readonly { readonly code: string; readonly message: string }[] =>
  (Array.isArray(details) ? details : []).flatMap((detail: unknown) =>
    typeof detail === 'object' && detail !== null && 'code' in detail && 'message' in detail
      ? [{ code: String(detail.code), message: String(detail.message) }]
      : [],
  );

const readiness = (status: number, details: unknown, shared: boolean): readonly Finding[] => {
  const told = detailsIn(details);
  const mend = 'mend what the reason names; docs/operating.md lists them';
  // Of the servers on one database one runs the jobs: for the others that is as it should be.
  const usual = told.filter(({ code }) => shared && code === 'jobs_elsewhere');
  const faults = told.filter((detail) => !usual.includes(detail)).map(({ message }) => message);
  const asUsual = usual.map(({ message }) => ok(`${message}: another one on the same database may run them`));
  if (status === 200) {
    const readily = faults.length === 0 ? [ok('it is ready')] : [];
    return [...readily, ...asUsual, ...faults.map((fault) => warn(`it is ready, but ${fault}`, mend))];
  }
  if (status === 503) {
    const reasons = faults.length > 0 ? faults : ['it does not say why'];
    return [...asUsual, ...reasons.map((reason) => fail(`it is not ready: ${reason}`, mend))];
  }
  return [
    fail(
      `it answers ${status} when it is asked whether it is ready`,
      'compare the admin key with the one in control.json',
    ),
  ];
};

const ofRunning = async (question: ServerQuestion, control: RunningControl): Promise<ServerState> => {
  const { transport } = question;
  const [ready, status] = await Promise.all([
    askControl(transport, control, '/readyz'),
    askControl(transport, control, '/admin/v1/status'),
  ]);
  if (typeof ready === 'string')
    return {
      findings: [
        fail(
          `process ${control.pid} does not answer at ${control.adminUrl}: ${ready}`,
          'look at its log; kill -TERM ends it, kill -9 loses nothing',
        ),
      ],
      backlogRecords: null,
    };
  const fields = typeof status === 'string' ? {} : fieldsIn(status.body);
  const { version, spoolBacklogRecords } = fields;
  const running = ok(`process ${control.pid} serves at ${control.url ?? control.adminUrl}`);
  const other = typeof version === 'string' && version !== question.version;
  return {
    findings: [
      running,
      ...readiness(ready.status, fieldsIn(ready.body)['details'], question.shared),
      ...(other
        ? [
            warn(
              `it runs version ${version}, this is ${question.version}`,
              'restart it to upgrade, or run the doctor of its version',
            ),
          ]
        : []),
    ],
    backlogRecords: typeof spoolBacklogRecords === 'number' ? spoolBacklogRecords : null,
  };
};

const ofStopped = ({ control, holder }: ServerQuestion): Finding => {
  if (holder !== null)
    return warn(
      `process ${holder} holds the data dir and has not said where it serves`,
      'it is starting or stopping: look again in a moment',
    );
  if (control?.pid !== null && control?.pid !== undefined)
    return warn(
      `the last server (process ${control.pid}) ended without a farewell`,
      'nothing is lost: the next start takes up what it left',
    );
  return ok('no server runs here');
};

/** Whether a server runs, answers and is ready. */
export const checkServer = (question: ServerQuestion): Promise<ServerState> => {
  const { control } = question;
  if (control !== null && isRunning(control)) return ofRunning(question, control);
  return Promise.resolve({ findings: [ofStopped(question)], backlogRecords: null });
};

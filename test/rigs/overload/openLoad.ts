import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface LoadRequest {
  readonly path: string;
  readonly key: string;
  readonly body: string;
  /** Stands in a whole answer, and only there. */
  readonly end: string;
}

export interface Tenant {
  /** Of all requests, against those of the others. */
  readonly share: number;
  /** Drawn from by chance. */
  readonly requests: readonly LoadRequest[];
}

export interface LoadPlan {
  readonly port: number;
  readonly tenants: readonly Tenant[];
  /** Requests that are due, whatever becomes of them; or, as many clients as told, each of whom waits for its answer. */
  readonly ratePerS: number | null;
  readonly concurrency: number | null;
  readonly seconds: number;
  /** Before what is counted. */
  readonly warmUpS: number;
  /** A later answer is of no use. */
  readonly deadlineMs: number;
  readonly seed: number;
}

export interface TenantReport {
  readonly asked: number;
  /** Whole and in time. */
  readonly good: number;
  readonly late: number;
  readonly shed: number;
  readonly failed: number;
  readonly goodMsP50: number;
  readonly goodMsP99: number;
  readonly shedMsP50: number;
  readonly shedMsP99: number;
  readonly retryAfterSMin: number;
  readonly retryAfterSMax: number;
  readonly faults: readonly string[];
}

export interface LoadReport {
  readonly seconds: number;
  /** Good answers from the very beginning on. */
  readonly goodInAll: number;
  readonly all: TenantReport;
  readonly tenants: readonly TenantReport[];
}

/** Makes a load in a thread of its own. Latencies count from when a request was due. */
export const openLoad = async (plan: LoadPlan): Promise<LoadReport> => {
  const worker = new Worker(new URL('./loadThread.ts', import.meta.url), { workerData: plan });
  try {
    const [report]: LoadReport[] = await once(worker, 'message');
    if (report === undefined) throw new Error('the load ended without a report');
    return report;
  } finally {
    await worker.terminate();
  }
};

export interface CheapVendor {
  readonly url: string;
  close(): Promise<void>;
}

export interface VendorAnswers {
  readonly waitMs: number;
  readonly parts: readonly string[];
  readonly whole: string;
}

/** Starts the vendor of an overload test in a thread of its own. */
export const openCheapVendor = async (answers: VendorAnswers): Promise<CheapVendor> => {
  const worker = new Worker(new URL('./cheapVendor.ts', import.meta.url), { workerData: answers });
  const [port]: number[] = await once(worker, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      await worker.terminate();
    },
  };
};

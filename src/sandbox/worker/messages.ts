// What the main thread and the sandbox's thread say to each other.
import type { LogFields } from '../../kernel/index.ts';
import type { SandboxErrorCode } from '../errors.ts';
import type { VendorFault } from '../readFault.ts';
import type { RunningVendor } from '../startSandbox.ts';
import type { ReceivedRequest, VendorReading } from '../vendor/VendorServer.ts';

/** Calls, and what each answers. */
export interface SandboxAnswers {
  readonly setVendorFault: VendorFault;
  readonly setHostFault: VendorFault;
  readonly read: VendorReading;
  readonly readAll: readonly VendorReading[];
  readonly received: readonly ReceivedRequest[];
  readonly close: null;
}

export type SandboxCallName = keyof SandboxAnswers;

export interface SandboxCall {
  readonly id: number;
  readonly call: SandboxCallName;
  /** Vendor or host; empty where the call needs none. */
  readonly name: string;
  /** Body of a fault; null elsewhere. */
  readonly body: unknown;
}

/** An expected failure, which loses its class between threads. */
export interface SandboxProblem {
  readonly code: SandboxErrorCode;
  readonly message: string;
}

export type SandboxMessage =
  | { readonly kind: 'ready'; readonly vendors: readonly RunningVendor[] }
  | { readonly kind: 'failed'; readonly problem: SandboxProblem }
  | { readonly kind: 'answer'; readonly id: number; readonly value: SandboxAnswers[SandboxCallName] }
  | { readonly kind: 'refusal'; readonly id: number; readonly problem: SandboxProblem }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly event: string;
      readonly fields: LogFields;
    };

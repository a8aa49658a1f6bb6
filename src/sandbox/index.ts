// Rival vendors on loopback: they answer, refuse, fail and bill as real ones do, and share no code with what they judge.
export { sandboxAccessKeyId } from './bedrock/BedrockWire.ts';
export { sandboxErrors } from './errors.ts';
export type { SandboxErrorCode } from './errors.ts';
export { faultNames, readFault } from './readFault.ts';
export type { FaultName, VendorFault } from './readFault.ts';
export { billedBuckets, sandboxCatalogue } from './sandboxCatalogue.ts';
export type { BilledBucket, CatalogueModel, CatalogueVendor, SandboxCatalogue } from './sandboxCatalogue.ts';
export { sandboxCredential, startSandbox } from './startSandbox.ts';
export type { RunningVendor, Sandbox, SandboxOptions, SandboxSettings } from './startSandbox.ts';
export { startSandboxInWorker } from './startSandboxInWorker.ts';
export type { WorkerSandboxOptions } from './startSandboxInWorker.ts';
export type { ReceivedRequest, VendorReading } from './vendor/VendorServer.ts';

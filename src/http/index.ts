// The two listeners: the data plane that clients call, and the control plane that operators call.
export { addressFault } from './addressFault.ts';
export * from './AdminPlane.ts';
export * from './ControlPlane.ts';
export * from './DataPlane.ts';
export * from './errors.ts';
export { hopName } from './Hops.ts';
export { machinePressure } from './overload/Pressure.ts';
export * from './jobJson.ts';
export * from './readJobStates.ts';
export * from './readUsageGroups.ts';
export * from './schema.ts';

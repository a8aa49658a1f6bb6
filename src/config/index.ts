// archipel.yaml as typed values: exact text in, a whole configuration or every fault with its line out. Never half of one.
export * from './ConfigurationFault.ts';
export * from './Findings.ts';
export * from './limits.ts';
export * from './nearestName.ts';
export * from './readConfiguration.ts';
export * from './readConfigurationFile.ts';
export * from './readPlainValue.ts';
export * from './resolveSecret.ts';

/** The settings of a unit of systemd, the last of each name. */
export const unitSettings = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('\n')
      .filter((line) => /^[A-Za-z]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** What each setting must be, and what goes wrong without it. */
const wanted: readonly (readonly [name: string, value: RegExp, why: string])[] = [
  ['User', /^(?!root$)\w+$/, 'it runs as root'],
  ['NoNewPrivileges', /^yes$/, 'it may gain privileges'],
  ['CapabilityBoundingSet', /^$/, 'it keeps capabilities'],
  ['ProtectSystem', /^strict$/, 'it may write to the system'],
  ['ProtectHome', /^yes$/, 'it sees the homes of people'],
  ['PrivateTmp', /^yes$/, 'it shares the temporary folder'],
  ['PrivateDevices', /^yes$/, 'it sees devices'],
  ['RestrictAddressFamilies', /^AF_INET AF_INET6 AF_UNIX$/, 'it may open sockets of any kind'],
  ['SystemCallFilter', /^@system-service$/, 'it may make any call of the system'],
  ['UMask', /^0077$/, 'its files are open to others'],
  ['StateDirectoryMode', /^0700$/, 'its data are open to others'],
  ['KillMode', /^mixed$/, 'its database is ended before it'],
  ['Restart', /^on-failure$/, 'it stays down after a failure'],
  ['RestartPreventExitStatus', /^2$/, 'a wrong configuration is tried for ever'],
];

/** What is wrong with the unit, a line each. @param stopSecondsMin How long a stop may take. */
export const lintUnit = (text: string, stopSecondsMin: number): readonly string[] => {
  const settings = unitSettings(text);
  const faults = wanted
    .filter(([name, value]) => !value.test(settings.get(name) ?? 'absent'))
    .map(([name, , why]) => `${name}: ${why}`);
  const stopSeconds = Number(settings.get('TimeoutStopSec'));
  if (!(stopSeconds >= stopSecondsMin))
    faults.push(`TimeoutStopSec: it is killed before it has drained (${stopSecondsMin} s)`);
  if (/^Environment=.*(KEY|TOKEN|SECRET|PASSW)/im.test(text))
    faults.push('Environment: everybody on the machine can read it');
  return faults;
};

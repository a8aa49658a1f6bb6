import { record, records, text } from '../record.ts';
import { count } from './count.ts';
import { dollars } from './dollars.ts';
import { instant } from './instant.ts';
import { table } from './table.ts';

type Fields = Readonly<Record<string, unknown>>;

const slotText = ({ contract, count: held, busy, until }: Fields): string => {
  const end = typeof until === 'string' ? ` until ${instant(until).slice(0, 10)}` : '';
  return `${count(held)} by ${text(contract)}${end}, ${count(busy)} busy`;
};

const siteRows = (site: Fields): readonly (readonly string[])[] => {
  const accelerators = records(site['accelerators']);
  const jobs = Array.isArray(site['jobs']) ? count(site['jobs'].length) : '-';
  return (accelerators.length === 0 ? [{}] : accelerators).map((accelerator: Fields, index) => {
    const of = (name: string): string => (index === 0 ? text(site[name]) : '');
    return [
      of('name'),
      of('executor'),
      of('vendor'),
      of('jurisdiction'),
      of('condition'),
      index === 0 ? jobs : '',
      text(accelerator['kind']),
      count(accelerator['count']),
      count(accelerator['busy']),
      dollars(accelerator['hourNanoUsd']),
      text(accelerator['source']),
      records(accelerator['slots']).map(slotText).join('; '),
    ];
  });
};

/** Sites of the API as a table, a line for each kind of accelerator. */
export const sitesTable = (body: unknown): string => {
  const sites = records(record(body)['sites']);
  if (sites.length === 0) return 'none; add sites to the configuration file';
  return table(
    [
      { head: 'SITE' },
      { head: 'EXECUTOR' },
      { head: 'VENDOR' },
      { head: 'LAW' },
      { head: 'CONDITION' },
      { head: 'JOBS', right: true },
      { head: 'ACCELERATOR' },
      { head: 'COUNT', right: true },
      { head: 'BUSY', right: true },
      { head: 'AN HOUR', right: true },
      { head: 'PRICE FROM' },
      { head: 'SLOTS' },
    ],
    sites.flatMap(siteRows),
  );
};

import { chatClient } from './clients/chatClient.ts';
import { geminiClient } from './clients/geminiClient.ts';
import { messagesClient } from './clients/messagesClient.ts';
import { responsesClient } from './clients/responsesClient.ts';
import type { Cell } from './runCell.ts';
import { isOfStreams, scenarios } from './scenarios.ts';
import { skips, type Skip } from './skips.ts';
import { azureVendor, chatVendor } from './vendors/chatVendor.ts';
import { converseVendor } from './vendors/converseVendor.ts';
import { geminiVendor } from './vendors/geminiVendor.ts';
import { messagesVendor } from './vendors/messagesVendor.ts';
import { responsesVendor } from './vendors/responsesVendor.ts';
import { vertexMessagesVendor, vertexVendor } from './vendors/vertexVendors.ts';

export const clients = [chatClient, responsesClient, messagesClient, geminiClient];
export const vendors = [
  chatVendor,
  azureVendor,
  responsesVendor,
  messagesVendor,
  geminiVendor,
  converseVendor,
  vertexVendor,
  vertexMessagesVendor,
];

/** Every square: each client at each vendor, streamed and not, in each scenario. */
export const cells: readonly Cell[] = clients.flatMap((client) =>
  vendors.flatMap((vendor) =>
    scenarios.flatMap((scenario) =>
      (isOfStreams(scenario) ? [true] : [false, true]).map((stream) => ({ client, vendor, scenario, stream })),
    ),
  ),
);

const fits = (names: readonly string[] | undefined, name: string): boolean => names?.includes(name) ?? true;

const covers = (skip: Skip, { client, vendor, scenario }: Omit<Cell, 'stream'>): boolean =>
  fits(skip.clients, client.name) && fits(skip.vendors, vendor.name) && skip.scenario === scenario.name;

/** The skips that a square is under; more than one is a mistake. */
export const skipsOf = (cell: Omit<Cell, 'stream'>): readonly Skip[] => skips.filter((skip) => covers(skip, cell));

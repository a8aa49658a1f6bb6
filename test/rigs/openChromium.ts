import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { DevTools, type Session } from './DevTools.ts';
import { removeFolder, temporaryFolder } from './startServer.ts';

/** How a page is shown. */
export interface PageView {
  /** Pixels of CSS. */
  readonly width: number;
  readonly height: number;
  readonly media: 'screen' | 'print';
}

/** A page of the disk that was loaded to its end. */
export interface ChromiumPage {
  /** Every address that the page asked for beside its own, whether or not it was let. */
  readonly requests: readonly string[];
  /** What it wrote to the console, what it threw, and what the browser held against it. */
  readonly complaints: readonly string[];
  show(view: PageView): Promise<void>;
  /** Where everything stands, as the protocol's DOMSnapshot tells it. @param styles Computed styles that are asked for. */
  snapshot(styles: readonly string[]): Promise<unknown>;
  /** The whole page as it is shown, as PNG. */
  picture(): Promise<Buffer>;
  /** The page on paper, as PDF. */
  paper(): Promise<Buffer>;
  close(): Promise<void>;
}

/** A browser without a window and without a network. */
export interface Chromium {
  open(address: string): Promise<ChromiumPage>;
  /** Ends it with all its processes, and removes what it wrote. */
  close(): Promise<void>;
}

const flags = [
  '--headless',
  '--remote-debugging-pipe',
  // No name is found, whoever asks: pages, updates, telemetry.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  '--disable-gpu',
  // Containers have little memory to share.
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--force-color-profile=srgb',
  '--no-first-run',
  '--no-default-browser-check',
];

/** Chromium's sandbox does not run as root. */
const flagsOfRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Longest that it may take to end by itself. */
const closeMsMax = 5_000;

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** Ends whatever is left of the processes that a child began; it leads a group of its own. */
const endGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
};

const pipesOf = ({ stdio }: ChildProcess): readonly [Writable, Readable] => {
  const [, , , writable, readable] = stdio;
  if (!(writable && 'write' in writable) || !(readable && 'read' in readable)) throw new Error('no pipes to Chromium');
  return [writable, readable];
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Opens one page, and keeps what it asks for and complains of. */
const openPage = async (tools: DevTools, address: string): Promise<ChromiumPage> => {
  const requests: string[] = [];
  const complaints: string[] = [];
  const { targetId } = await tools.send('Target.createTarget', { url: 'about:blank' });
  const session: Session = await tools.attach(String(targetId));
  session.on('Network.requestWillBeSent', ({ request }) => {
    const { url } = request as { readonly url: string };
    if (url !== address) requests.push(url);
  });
  session.on('Runtime.consoleAPICalled', (event) => complaints.push(`console: ${textOf(event)}`));
  session.on('Runtime.exceptionThrown', (event) => complaints.push(`thrown: ${textOf(event)}`));
  session.on('Log.entryAdded', (event) => complaints.push(`log: ${textOf(event)}`));
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await session.send(`${domain}.enable`);
  await session.send('Network.emulateNetworkConditions', {
    offline: true,
    latency: 0,
    downloadThroughput: 0,
    uploadThroughput: 0,
  });
  const loaded = session.next('Page.loadEventFired');
  const { errorText } = await session.send('Page.navigate', { url: address });
  if (errorText !== undefined) throw new Error(`${address}: ${textOf(errorText)}`);
  await loaded;
  return {
    requests,
    complaints,
    show: async ({ width, height, media }) => {
      await session.send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await session.send('Emulation.setEmulatedMedia', { media });
    },
    snapshot: (computedStyles) =>
      session.send('DOMSnapshot.captureSnapshot', { computedStyles, includeDOMRects: true }),
    picture: async () => {
      const { data } = await session.send('Page.captureScreenshot', { captureBeyondViewport: true });
      return Buffer.from(String(data), 'base64');
    },
    paper: async () => {
      const { data } = await session.send('Page.printToPDF', { preferCSSPageSize: true });
      return Buffer.from(String(data), 'base64');
    },
    close: async () => {
      await tools.send('Target.closeTarget', { targetId });
    },
  };
};

/** Starts a Chromium of its own, with an empty profile. @param program Path of the binary. */
export const openChromium = async (program: string): Promise<Chromium> => {
  const profile = temporaryFolder();
  const child = spawn(program, [...flags, ...flagsOfRoot, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // A group of its own, so that all its processes can be ended.
    detached: true,
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  });
  const tools = new DevTools(...pipesOf(child));
  child.once('error', (error) => tools.fail(error));
  child.once('exit', () => tools.fail(new Error('Chromium has ended')));
  const close = async (): Promise<void> => {
    const timer = setTimeout(() => endGroup(child), closeMsMax);
    tools.send('Browser.close').catch(() => {});
    await ended(child);
    clearTimeout(timer);
    endGroup(child);
    removeFolder(profile);
  };
  try {
    await tools.send('Browser.getVersion');
  } catch (error) {
    endGroup(child);
    removeFolder(profile);
    throw error;
  }
  return { open: (address) => openPage(tools, address), close };
};

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { toolFolder } from '@bankcrm/local';

/** What the tests use of playwright-core (playwright.dev/docs/api), which is installed at first use only. */
export interface Chromium {
  newContext(options: { locale: string }): Promise<Context>;
  close(): Promise<void>;
}
export interface Context {
  newPage(): Promise<Page>;
  cookies(url: string): Promise<{ name: string; httpOnly: boolean; secure: boolean; sameSite: string }[]>;
  on(event: 'console', heard: (message: { type(): string; text(): string; location(): { url: string } }) => void): void;
  on(event: 'weberror', heard: (error: { error(): Error }) => void): void;
  setDefaultTimeout(limitMs: number): void;
  close(): Promise<void>;
}
export interface Frame {
  url(): string;
}
export interface Page extends Frame {
  goto(url: string): Promise<unknown>;
  title(): Promise<string>;
  frames(): Frame[];
  locator(selector: string): Locator;
  waitForEvent(event: 'popup' | 'domcontentloaded' | 'close'): Promise<Page>;
  waitForURL(matches: (url: URL) => boolean): Promise<void>;
  evaluate<Argument, Result>(inPage: (argument: Argument) => Result | Promise<Result>, argument: Argument): Promise<Result>;
}
export interface Locator {
  fill(text: string): Promise<void>;
  click(): Promise<void>;
  selectOption(option: { label: string }): Promise<unknown>;
  textContent(): Promise<string | null>;
  waitFor(): Promise<void>;
  first(): Locator;
  locator(selector: string): Locator;
}

type Playwright = {
  chromium: { launch(options: { executablePath: string; args: string[]; chromiumSandbox: boolean }): Promise<Chromium> };
};

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const quiet = ['--disable-background-networking', '--disable-component-update', '--no-pings', '--no-first-run'];

/** Starts a real browser: the one of `CHROMIUM_PATH`, the machine's own, or the one of `deploy/tools/browser`. Gives the reason where there is none to be had. */
export async function openChromium(): Promise<{ browser: Chromium } | { problem: string }> {
  try {
    const folder = toolFolder('browser');
    const { chromium } = createRequire(`${folder}/`)('playwright-core') as Playwright;
    const executablePath = process.env.CHROMIUM_PATH ?? usual.find(existsSync) ?? unpacked(folder);
    // Its sandbox does not start as root.
    return { browser: await chromium.launch({ executablePath, args: quiet, chromiumSandbox: process.getuid?.() !== 0 }) };
  } catch (error) {
    return { problem: `no browser can be had here: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** Unpacks the package's Chromium once. It is complete or not there at all. */
function unpacked(folder: string): string {
  const home = join(folder, 'node_modules', '.chromium');
  if (!existsSync(home)) {
    const beside = mkdtempSync(`${home}-`);
    execFileSync(process.execPath, [join(folder, 'executable.mjs')], { env: { ...process.env, TMPDIR: beside } });
    renameSync(beside, home);
  }
  return join(home, 'chromium');
}

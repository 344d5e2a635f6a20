// The site of docs/ in Chromium: its search, and no page wider than a phone.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFolder } from '../../src/base/packaged.ts';
import { Chromium, chromiumProgram, type Page } from '../support/chromium.ts';
import { reasonMissing } from '../support/toolchain.ts';

const site = join(packageFolder(), 'site/dist');
const program = chromiumProgram();
const isBuilt = existsSync(join(site, 'index.html'));
const reason = reasonMissing(
  program !== undefined && isBuilt,
  isBuilt ? 'there is no Chromium here, to open the site' : 'the site is not built: npm run site',
);
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

describe.skipIf(reason !== '')(`the site of docs/${reason}`, () => {
  let browser: Chromium;
  let server: Server;
  let origin = '';
  beforeAll(async () => {
    browser = new Chromium(program ?? '');
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      const file = [pathname, `${pathname}.html`, join(pathname, 'index.html')]
        .map((path) => join(site, decodeURIComponent(path)))
        .find((path) => existsSync(path) && extname(path) !== '');
      if (file === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': types[extname(file)] ?? '' }).end(readFileSync(file));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser?.end();
    server?.closeAllConnections();
    server?.close();
  });

  const open = (path: string, width: number): Promise<Page> =>
    browser.open(origin + path, [
      ['Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 }],
      // only what is in front draws frames
      ['Page.bringToFront', {}],
    ]);

  test('no page is wider than a phone, and none has an error', async () => {
    const pages = ['/', ...readdirSync(join(site, 'guide')).map((name) => `/guide/${name.replace('.html', '')}`)];
    expect(pages.length).toBeGreaterThan(30);
    for (const path of [...pages, '/reference/errors', '/reference/commands', '/local-aws']) {
      const page = await open(path, 360);
      expect([path, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([path, 360]);
      expect(await page.evaluate<string>('document.querySelector("h1")?.textContent ?? ""')).not.toBe('');
      expect([path, page.problems]).toEqual([path, []]);
      await page.send('Page.close');
    }
  });

  test('the search finds a command', async () => {
    const page = await open('/', 1200);
    const found = await page.evaluate<string>(`new Promise((done) => {
      const look = (ready) => {
        const value = ready();
        if (value) done(value);
        else requestAnimationFrame(() => look(ready));
      };
      look(() => {
        const input = document.querySelector('.VPLocalSearchBox input');
        // the page is there before its scripts are: until then, a click does nothing
        if (!input) {
          document.querySelector('.VPNavBarSearch button')?.click();
          return undefined;
        }
        if (input.value === '') {
          input.value = 'redrive';
          input.dispatchEvent(new Event('input', { bubbles: true }));
        }
        return [...document.querySelectorAll('.VPLocalSearchBox .result')].map((each) => each.textContent).join(' ');
      });
    })`);
    expect(found).toMatch(/redrive/i);
  });
});

// The page of fx metrics --html in Chromium: plots, zoom, releases, light and dark, on a phone, without network.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricsJson } from '../../src/cli/render/metrics-json.ts';
import { metricsPage } from '../../src/cli/render/metrics-page.ts';
import { Chromium, chromiumProgram, type Page } from '../support/chromium.ts';
import { reasonMissing } from '../support/toolchain.ts';

const program = chromiumProgram();
const reason = reasonMissing(program, 'there is no Chromium here, to open the page of fx metrics');

const minutes = 180;
const since = Date.parse('2026-11-26T05:00:00Z');
const series = (value: (minute: number) => number | null) =>
  Array.from({ length: minutes }, (_, minute) => value(minute));
const durations = {
  p50: series((minute) => (minute % 60 < 50 ? 30 : null)),
  p95: series((minute) => (minute % 60 < 50 ? 90 + (minute % 13) : null)),
  p99: series((minute) => (minute % 60 < 50 ? 300 + 100 * Math.sin(minute / 9) : null)),
};
const wholeDurations = { p50: 30, p95: 120, p99: 1250 };
const fn = (name: string): MetricsJson['functions'][number] => ({
  name,
  physicalName: `shop-prod-${name}`,
  of: undefined,
  release: undefined,
  whole: {
    invocations: 10_700,
    errors: 171,
    throttles: 0,
    ...wholeDurations,
    concurrency: 7,
    iteratorAge: null,
    asyncDropped: 4,
    deadLetterErrors: 0,
  },
  values: {
    invocations: series((minute) => Math.round(60 + 30 * Math.sin(minute / 20))),
    errors: series((minute) => (minute > 100 && minute < 120 ? 9 : null)),
    throttles: series(() => null),
    ...durations,
    concurrency: series(() => 7),
    asyncDropped: series((minute) => (minute === 50 ? 4 : null)),
    deadLetterErrors: series(() => null),
  },
});
const release = (number: number, minute: number, message?: string) => ({
  number,
  time: new Date(since + minute * 60_000).toISOString(),
  origin: { kind: 'deploy' } as const,
  commit: '1a2b3c4',
  message,
});
const metrics: MetricsJson = {
  project: 'shop',
  environment: 'prod',
  region: 'eu-west-1',
  since: new Date(since).toISOString(),
  until: new Date(since + minutes * 60_000).toISOString(),
  periodSeconds: 60,
  functions: ['orders', 'mailer', ...Array.from({ length: 38 }, (_, index) => `worker-${index}`)].map(fn),
  apis: [
    {
      name: 'HttpApi',
      kind: 'http',
      whole: { requests: 34_120, clientErrors: 60, serverErrors: 0, ...wholeDurations },
      values: {
        requests: series((minute) => 100 + minute),
        clientErrors: series((minute) => (minute % 3 === 0 ? 1 : 0)),
        serverErrors: series(() => 0),
        ...durations,
      },
    },
  ],
  releases: [release(11, 40), release(12, 100, 'Faster </script><b>checkout</b> & more'), release(13, 103)],
};

describe.skipIf(program === undefined)(`the page of fx metrics${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'fx-page-'));
  let browser: Chromium;
  beforeAll(async () => {
    browser = new Chromium(program ?? '');
    writeFileSync(join(folder, 'metrics.html'), await metricsPage(metrics));
  });
  afterAll(async () => {
    await browser?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Look {
    readonly scheme?: 'light' | 'dark';
    readonly width?: number;
    readonly height?: number;
  }

  async function open({ scheme = 'light', width = 1200, height = 900 }: Look = {}): Promise<Page> {
    const page = await browser.open(pathToFileURL(join(folder, 'metrics.html')).href, [
      ['Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 }],
      ['Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] }],
      // only what is in front is drawn
      ['Page.bringToFront', {}],
    ]);
    await drawn(page);
    return page;
  }

  /** Scrolls to the first plots, until they are drawn, which happens when they are seen. */
  const drawn = (page: Page) =>
    page.evaluate(`new Promise((done) => {
      const look = () => document.querySelector('section canvas') ? requestAnimationFrame(() => requestAnimationFrame(done)) : requestAnimationFrame(look);
      document.querySelector('section').scrollIntoView();
      look();
    })`);

  /** Whether the first canvas has pixels of that colour. */
  const hasColour = (page: Page, red: number, green: number, blue: number) =>
    page.evaluate<boolean>(`(() => {
      const canvas = document.querySelector('section canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === ${red} && data[at + 1] === ${green} && data[at + 2] === ${blue} && data[at + 3] === 255) return true;
      }
      return false;
    })()`);

  async function keepScreenshot(page: Page, name: string): Promise<void> {
    const keep = process.env['FX_SCREENSHOTS'];
    if (keep === undefined) return;
    const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(join(keep, `${name}.png`), Buffer.from(String(data), 'base64'));
  }

  test.each([
    ['light', [9, 105, 218], 'rgb(255, 255, 255)'],
    ['dark', [68, 147, 248], 'rgb(13, 17, 23)'],
  ] as const)('is drawn in %s, without network and without complaints', async (scheme, [red, green, blue], back) => {
    const page = await open({ scheme });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(back);
    expect(await hasColour(page, red, green, blue)).toBe(true);
    expect(await page.evaluate('document.querySelectorAll("section").length')).toBe(41);
    expect(await page.evaluate('document.querySelector("table").innerText')).toMatch(/orders\s+10.7k\s+171 \(1.6%\)/);
    expect(await page.evaluate('document.querySelector(".releases").innerText')).toContain(
      'Faster </script><b>checkout</b> & more',
    );
    // what is out of sight is drawn later
    expect(await page.evaluate('document.querySelectorAll("section canvas").length')).toBeLessThan(30);
    await keepScreenshot(page, scheme);
    await page.evaluate('scrollTo(0, 0)');
    await keepScreenshot(page, `${scheme}-top`);
    expect(page.problems).toEqual([]);
    expect(page.requests.filter((url) => !/^(file|about|data):/.test(url))).toEqual([]);
  });

  test('follows a change from light to dark', async () => {
    const page = await open();
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
    await drawn(page);
    expect([await hasColour(page, 68, 147, 248), await hasColour(page, 9, 105, 218)]).toEqual([true, false]);
    expect(page.problems).toEqual([]);
  });

  test('zooms all plots by dragging in one, and shows all again', async () => {
    const page = await open();
    const { x, y, width } = await page.evaluate<{ x: number; y: number; width: number }>(`(() => {
      const over = document.querySelector('section .u-over');
      over.scrollIntoView({ block: 'center' });
      const { x, y, width, height } = over.getBoundingClientRect();
      return { x, y: y + height / 2, width };
    })()`);
    const shown = () => page.evaluate<string>('document.querySelector("output").textContent');
    const canReset = () => page.evaluate<boolean>('!document.querySelector("button").disabled');
    expect([await shown(), await canReset()]).toEqual(['', false]);
    const mouse = (type: string, at: number, buttons: number) =>
      page.send('Input.dispatchMouseEvent', { type, x: at, y, button: 'left', buttons, clickCount: 1 });
    await mouse('mouseMoved', x + width * 0.25, 0);
    await mouse('mousePressed', x + width * 0.25, 1);
    await mouse('mouseMoved', x + width * 0.4, 1);
    await mouse('mouseMoved', x + width * 0.5, 1);
    await mouse('mouseReleased', x + width * 0.5, 0);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    // a quarter of three hours
    expect(await shown()).toMatch(/\d/);
    expect(await canReset()).toBe(true);
    await keepScreenshot(page, 'zoomed');
    await page.evaluate('document.querySelector("button").click()');
    expect([await shown(), await canReset()]).toEqual(['', false]);
    expect(page.problems).toEqual([]);
  });

  test('shows the functions that somebody looks for', async () => {
    const page = await open();
    const visible = () =>
      page.evaluate<string[]>(
        '[...document.querySelectorAll("section:not([hidden])")].map((each) => each.dataset.name)',
      );
    await page.evaluate(`(() => {
      const search = document.querySelector('input');
      search.value = 'MAIL';
      search.dispatchEvent(new Event('input'));
    })()`);
    expect(await visible()).toEqual(['HttpApi', 'mailer']);
    expect(page.problems).toEqual([]);
  });

  test('fits a phone', async () => {
    const page = await open({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await page.evaluate('document.querySelector("section .uplot").getBoundingClientRect().width')).toBeLessThan(
      390,
    );
    await keepScreenshot(page, 'phone-charts');
    await page.evaluate('scrollTo(0, 0)');
    await keepScreenshot(page, 'phone');
    expect(page.problems).toEqual([]);
  });
});

import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import puppeteer from 'puppeteer-core';

export const handler = async () => {
  const executablePath = await chromium.executablePath();
  const refused = await puppeteer.connect({ browserURL: 'http://127.0.0.1:1' }).then(
    () => 'connected',
    () => 'ok',
  );
  return [refused, existsSync(executablePath)];
};

import { chromium } from 'playwright-core';

export const handler = async () =>
  chromium.connectOverCDP('http://127.0.0.1:1').then(
    () => 'connected',
    (error) => (/ECONNREFUSED/.test(error.message) ? 'ok' : error.message),
  );

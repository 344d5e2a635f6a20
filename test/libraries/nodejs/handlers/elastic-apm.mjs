import apm from 'elastic-apm-node';
import express from 'express';

apm.start({
  active: true,
  serverUrl: 'http://127.0.0.1:1',
  captureExceptions: false,
  logLevel: 'off',
  centralConfig: false,
  metricsInterval: '0s',
  cloudProvider: 'none',
});
export const handler = async () => {
  const t = apm.startTransaction('a');
  t.end();
  return typeof express() + apm.isStarted();
};

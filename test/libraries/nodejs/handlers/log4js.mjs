import log4js from 'log4js';

export const handler = async () => {
  const recording = log4js.recording();
  log4js.configure({
    appenders: { memory: { type: 'recording' } },
    categories: { default: { appenders: ['memory'], level: 'info' } },
  });
  log4js.getLogger().info('hi');
  return recording.replay().flatMap(({ data }) => data);
};

import * as sentry from '@sentry/node';

const events = [];
sentry.init({
  dsn: 'http://key@127.0.0.1:1/1',
  beforeSend: (event) => {
    events.push(event.exception.values[0].value);
    return null;
  },
});

export const handler = async () => {
  sentry.captureException(new Error('caught'));
  await sentry.flush(500);
  return events;
};

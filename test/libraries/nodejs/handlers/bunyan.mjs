import bunyan from 'bunyan';

export const handler = async () => {
  const lines = [];
  bunyan
    .createLogger({ name: 'x', streams: [{ type: 'raw', stream: { write: (record) => lines.push(record.msg) } }] })
    .info('hi');
  return lines[0];
};

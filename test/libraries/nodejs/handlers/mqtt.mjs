import mqtt from 'mqtt';
export const handler = async () =>
  new Promise((d) => {
    const c = mqtt.connect('mqtt://127.0.0.1:1', { reconnectPeriod: 0 });
    c.on('error', (e) => {
      c.end(true);
      d(e.code ?? e.name);
    });
  });

import { ServiceBroker } from 'moleculer';
export const handler = async () => {
  const b = new ServiceBroker({ logger: false });
  b.createService({ name: 'm', actions: { add: (c) => c.params.a + c.params.b } });
  await b.start();
  const r = await b.call('m.add', { a: 1, b: 2 });
  await b.stop();
  return r;
};

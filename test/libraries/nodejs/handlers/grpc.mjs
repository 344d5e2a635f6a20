import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const def = loader.loadSync(fileURLToPath(new URL('./hello.proto', import.meta.url)));
const pkg = grpc.loadPackageDefinition(def).hello;
export const handler = async () => {
  const s = new grpc.Server();
  s.addService(pkg.Greeter.service, { hi: (c, cb) => cb(null, { text: `hi ${c.request.name}` }) });
  const port = await new Promise((d, f) =>
    s.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (e, p) => (e ? f(e) : d(p))),
  );
  const k = new pkg.Greeter(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const r = await new Promise((d, f) => k.hi({ name: 'x' }, (e, v) => (e ? f(e) : d(v))));
  k.close();
  s.forceShutdown();
  return r;
};

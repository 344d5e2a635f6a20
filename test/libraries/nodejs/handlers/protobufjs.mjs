import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
export const handler = async () => {
  const root = await protobuf.load(join(dirname(fileURLToPath(import.meta.url)), 'hello.proto'));
  const T = root.lookupType('hello.Name');
  return T.decode(T.encode({ name: 'x' }).finish());
};

import { Request } from 'zeromq';
export const handler = async () => {
  const r = new Request();
  r.close();
  return r.closed;
};

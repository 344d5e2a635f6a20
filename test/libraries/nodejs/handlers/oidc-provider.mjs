import { Provider } from 'oidc-provider';
export const handler = async () => {
  const p = new Provider('http://localhost', {
    clients: [{ client_id: 'a', client_secret: 'b', redirect_uris: ['https://c.example'] }],
  });
  const s = p.listen(0);
  await new Promise((d) => s.once('listening', d));
  const r = await fetch(`http://127.0.0.1:${s.address().port}/.well-known/openid-configuration`);
  const j = await r.json();
  s.close();
  return j.issuer;
};

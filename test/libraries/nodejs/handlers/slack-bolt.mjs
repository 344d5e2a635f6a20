import bolt from '@slack/bolt';
export const handler = async () => {
  const r = new bolt.AwsLambdaReceiver({ signingSecret: 'x' });
  const _app = new bolt.App({ token: 'x', receiver: r, authorize: undefined, tokenVerificationEnabled: false });
  const hd = await r.start();
  return typeof hd;
};

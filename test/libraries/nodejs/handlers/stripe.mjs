import Stripe from 'stripe';

const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port: 1, protocol: 'http', maxNetworkRetries: 0 });
export const handler = async () =>
  stripe.charges.list().then(
    () => 'answered',
    ({ type }) => type,
  );

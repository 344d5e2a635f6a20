import webpush from 'web-push';

export const handler = async () => webpush.generateVAPIDKeys().publicKey.length;

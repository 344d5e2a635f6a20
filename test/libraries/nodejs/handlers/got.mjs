import got from 'got';

export const handler = async () => got('http://127.0.0.1:1', { retry: { limit: 0 } }).catch(({ code }) => code);

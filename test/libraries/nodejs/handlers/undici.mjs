import { request } from 'undici';

export const handler = async () => request('http://127.0.0.1:1').catch(({ code }) => code);

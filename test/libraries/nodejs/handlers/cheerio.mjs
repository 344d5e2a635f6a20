import { load } from 'cheerio';

export const handler = async () => load('<p>hi</p>')('p').text();

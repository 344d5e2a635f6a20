import { get_encoding } from 'tiktoken';

export const handler = async () => get_encoding('cl100k_base').encode('hello world').length;

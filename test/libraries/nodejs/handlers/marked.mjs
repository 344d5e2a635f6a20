import { marked } from 'marked';

export const handler = async () => marked.parse('# x');

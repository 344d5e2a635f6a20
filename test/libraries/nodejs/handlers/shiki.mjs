import { codeToHtml } from 'shiki';
export const handler = async () => (await codeToHtml('const a = 1', { lang: 'js', theme: 'nord' })).length > 100;

import lighthouse, { defaultConfig } from 'lighthouse';
export const handler = async () => typeof lighthouse + typeof defaultConfig;

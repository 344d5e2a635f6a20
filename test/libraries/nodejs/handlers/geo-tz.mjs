import { find } from 'geo-tz';
export const handler = async () => find(52.5, 13.4);

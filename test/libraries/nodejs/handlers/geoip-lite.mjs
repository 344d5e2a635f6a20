import geoip from 'geoip-lite';

export const handler = async () => geoip.lookup('8.8.8.8').country;

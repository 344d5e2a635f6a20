import moment from 'moment-timezone';

export const handler = async () => moment.tz('2026-01-01T00:00:00Z', 'Asia/Tokyo').format('HH:mm');

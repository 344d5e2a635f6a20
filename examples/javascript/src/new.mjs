import { greet } from './greeting.js';

export const handler = async () => greet('an ES module');

import middy from '@middy/core';

export const handler = middy(async (event) => event.added + 1).before(({ event }) => {
  event.added = 2;
});

// The fallback for paths without a route.
import { answering, json } from './http.ts';

export const handler = answering(({ rawPath, requestContext }) =>
  json(404, { error: `nothing answers ${requestContext.http.method} ${rawPath}` }),
);

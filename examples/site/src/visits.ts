// GET /api/time: what the page asks for.
export const handler = async () => ({ time: new Date().toISOString() });

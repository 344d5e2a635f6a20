export const handler = async () => ({ orders: process.env.ORDERS_URL });

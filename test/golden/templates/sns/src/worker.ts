export const handler = async () => {};
export const orders = async () => {};

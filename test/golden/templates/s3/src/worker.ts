export const handler = async () => {};
export const index = async () => {};
export const audit = async () => {};

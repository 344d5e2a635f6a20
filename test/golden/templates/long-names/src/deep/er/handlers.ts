export const first = async () => {};
export const second = async () => {};

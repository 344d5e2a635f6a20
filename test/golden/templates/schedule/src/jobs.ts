export const tick = async () => {};
export const report = async () => {};

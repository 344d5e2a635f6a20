export const tick = async () => {};
export const report = async () => {};
export const audit = async () => {};

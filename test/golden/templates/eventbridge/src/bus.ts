export const bill = async () => {};
export const watch = async () => {};

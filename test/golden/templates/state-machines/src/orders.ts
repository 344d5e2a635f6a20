export const reserve = async (event: unknown) => event;
export const charge = async (event: unknown) => event;

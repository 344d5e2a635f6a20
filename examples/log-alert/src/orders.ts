// Takes an order: {"id": "17", "cents": 1250}.
export const handler = async ({ id, cents }: { readonly id: string; readonly cents: number }) => {
  if (cents < 0) console.error(`order ${id} has a negative price`);
  else console.info(`order ${id} is fine`);
  return { id };
};

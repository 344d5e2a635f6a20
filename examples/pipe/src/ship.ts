interface Parcel {
  order: number;
  to: string;
}

export const handler = async (parcels: Parcel[]) => {
  for (const { order, to } of parcels) console.log(`order ${order} goes to ${to}`);
};

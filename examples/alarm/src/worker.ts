// Fails if it is told to: {"fail": true}.
export const handler = async ({ fail = false }: { readonly fail?: boolean }) => {
  if (fail) throw new Error('as you wish');
  return 'done';
};

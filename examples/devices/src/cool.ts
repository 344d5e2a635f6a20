// Logs which room is too warm.
export const handler = async ({ room, temperature }: { readonly room: string; readonly temperature: number }) => {
  console.log(`room ${room} has ${temperature} degrees`);
};

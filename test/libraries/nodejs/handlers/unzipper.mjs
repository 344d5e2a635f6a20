import unzipper from 'unzipper';

const zip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');
export const handler = async () => ({ n: (await unzipper.Open.buffer(zip)).files.length });

import ssh2 from 'ssh2';

export const handler = async () =>
  ssh2.utils.parseKey(ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).public).type;

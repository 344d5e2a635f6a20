import forge from 'node-forge';

export const handler = async () => forge.md.sha256.create().update('abc').digest().toHex().slice(0, 8);

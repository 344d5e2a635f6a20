import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

const credential = new StorageSharedKeyCredential('account', Buffer.from('key').toString('base64'));
export const handler = async () =>
  new BlobServiceClient('http://127.0.0.1:1/account', credential).getContainerClient('x').url;

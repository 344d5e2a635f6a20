import { ethers } from 'ethers';
export const handler = async () => ethers.id('x').slice(0, 10);

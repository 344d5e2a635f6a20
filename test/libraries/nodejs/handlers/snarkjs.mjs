import * as snarkjs from 'snarkjs';
export const handler = async () => typeof snarkjs.groth16.prove;

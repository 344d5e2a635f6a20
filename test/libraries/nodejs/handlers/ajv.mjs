import Ajv from 'ajv';

export const handler = async () => new Ajv().compile({ type: 'number' })('x');

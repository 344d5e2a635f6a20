import { getModelForClass, prop } from '@typegoose/typegoose';

class A {
  @prop() public n?: string;
}
const M = getModelForClass(A);
export const handler = async () => new M({ n: 'x' }).n;

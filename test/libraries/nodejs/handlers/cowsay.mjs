import * as cowsay from 'cowsay';
export const handler = async () => cowsay.say({ text: 'x', f: 'dragon' }).length > 20;

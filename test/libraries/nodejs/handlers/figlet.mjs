import figlet from 'figlet';
export const handler = async () => (await figlet.text('x', { font: 'Ghost' })).length > 5;

import * as sass from 'sass';
export const handler = async () => sass.compileString('a { b { c: 1 } }').css;

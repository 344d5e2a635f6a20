import { JSDOM } from 'jsdom';

export const handler = async () => new JSDOM('<p>hi</p>').window.document.querySelector('p').textContent;

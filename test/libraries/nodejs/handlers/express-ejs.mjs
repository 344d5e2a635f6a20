import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import express from 'express';

const app = express();
app.set('view engine', 'ejs');
app.set('views', '/tmp');

export const handler = async () => {
  writeFileSync('/tmp/hi.ejs', '<p><%= word %></p>');
  return promisify(app.render.bind(app))('hi', { word: 'hi' });
};

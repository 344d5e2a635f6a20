import { writeFileSync } from 'node:fs';
import webpack from 'webpack';
export const handler = async () => {
  writeFileSync('/tmp/fxwp.js', 'console.log(1)');
  return new Promise((d, f) =>
    webpack({ mode: 'production', entry: '/tmp/fxwp.js', output: { path: '/tmp/fxwp' } }, (e, st) =>
      e ? f(e) : d(st.hasErrors() ? st.toString() : 'built'),
    ),
  );
};

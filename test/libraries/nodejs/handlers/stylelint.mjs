import stylelint from 'stylelint';
export const handler = async () =>
  (await stylelint.lint({ code: 'a{color:#FFF;}', config: { rules: { 'color-hex-length': 'long' } } })).errored;

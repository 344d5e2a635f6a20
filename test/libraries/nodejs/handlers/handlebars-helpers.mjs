import hb from 'handlebars';
import hh from 'handlebars-helpers';
export const handler = async () => {
  hh({ handlebars: hb });
  return hb.compile('{{capitalize "abc"}}')({});
};

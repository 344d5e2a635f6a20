import natural from 'natural';
export const handler = async () =>
  new natural.WordTokenizer().tokenize('your dog has fleas').length + natural.PorterStemmer.stem('words');

import iconv from 'iconv-lite';
export const handler = async () =>
  iconv.decode(iconv.encode('ä', 'shift_jis'), 'shift_jis') + iconv.decode(iconv.encode('漢', 'gbk'), 'gbk');

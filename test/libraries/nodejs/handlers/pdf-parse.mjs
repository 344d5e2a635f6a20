import { PDFDocument } from 'pdf-lib';
import * as m from 'pdf-parse';
export const handler = async () => {
  const d = await PDFDocument.create();
  d.addPage().drawText('hello');
  const b = Buffer.from(await d.save());
  if (m.PDFParse) {
    const p = new m.PDFParse({ data: b });
    const r = await p.getText();
    return r.text.includes('hello');
  }
  return (await m.default(b)).text.trim();
};

import { PDFDocument } from 'pdf-lib';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
export const handler = async () => {
  const d = await PDFDocument.create();
  d.addPage().drawText('hello');
  const p = await getDocument({ data: new Uint8Array(await d.save()) }).promise;
  const c = await (await p.getPage(1)).getTextContent();
  return c.items[0].str;
};

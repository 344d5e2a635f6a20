import { PDFDocument, StandardFonts } from 'pdf-lib';

export const handler = async () => {
  const document = await PDFDocument.create();
  document.addPage().drawText('bill', { font: await document.embedFont(StandardFonts.Helvetica) });
  return (await PDFDocument.load(await document.save())).getPageCount();
};

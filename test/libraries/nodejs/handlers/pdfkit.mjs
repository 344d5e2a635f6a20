import PDFDocument from 'pdfkit';

export const handler = async () => {
  const document = new PDFDocument();
  document.font('Helvetica').text('bill');
  document.end();
  let size = 0;
  for await (const chunk of document) size += chunk.length;
  return size > 500;
};

import ExcelJS from 'exceljs';

export const handler = async () => {
  const book = new ExcelJS.Workbook();
  book.addWorksheet('s').addRow(['x']);
  const again = new ExcelJS.Workbook();
  await again.xlsx.load(await book.xlsx.writeBuffer());
  return again.getWorksheet('s').getCell('A1').value;
};

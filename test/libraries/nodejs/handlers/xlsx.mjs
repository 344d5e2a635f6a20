import xlsx from 'xlsx';

export const handler = async () => xlsx.utils.sheet_to_json(xlsx.utils.aoa_to_sheet([['x']]), { header: 1 });

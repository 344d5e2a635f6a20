import { XMLParser } from 'fast-xml-parser';

export const handler = async () => new XMLParser().parse('<a><b>1</b></a>');

import moment from 'moment';
import 'moment/locale/de.js';
export const handler = async () => moment('2020-03-01').locale('de').format('MMMM');

import _ from 'lodash';

export const handler = async () => _.chunk([1, 2, 3], 2);

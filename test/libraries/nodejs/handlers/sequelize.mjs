import { DataTypes, Sequelize } from 'sequelize';

const database = new Sequelize('postgres://u:p@127.0.0.1:1/x', { logging: false });
const Order = database.define('order', { total: DataTypes.INTEGER });

export const handler = async () => [
  Order.getTableName(),
  await database
    .authenticate()
    .catch((error) => (/REFUSED/.test(String(error.parent?.code)) ? 'refused' : String(error))),
];

import 'reflect-metadata';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
class User {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
}

const source = new DataSource({ type: 'postgres', host: '127.0.0.1', port: 1, entities: [User] });

export const handler = async () => {
  const refused = await source.initialize().then(
    () => 'connected',
    (error) => (error.code === 'ECONNREFUSED' || error.errors ? 'refused' : String(error)),
  );
  await (source as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas();
  return [source.getMetadata(User).tableName, refused];
};

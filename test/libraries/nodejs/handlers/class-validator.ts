import { IsEmail, validate } from 'class-validator';

class User {
  @IsEmail() email = 'x';
}

export const handler = async () =>
  (await validate(new User())).flatMap(({ constraints }) => Object.keys(constraints ?? {}));

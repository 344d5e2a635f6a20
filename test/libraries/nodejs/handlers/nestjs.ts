import 'reflect-metadata';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Injectable()
class Greeter {
  greet() {
    return 'hello from nest';
  }
}

@Controller()
class Hello {
  constructor(private readonly greeter: Greeter) {}
  @Get('hello') hello() {
    return { text: this.greeter.greet() };
  }
}

@Module({ controllers: [Hello], providers: [Greeter] })
class App {}

export const handler = async () => {
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0);
  const answer = await (await fetch(`${await app.getUrl()}/hello`)).json();
  await app.close();
  return answer;
};

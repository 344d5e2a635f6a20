// CommonJS, used by both handlers.
exports.greet = (from) => {
  console.log(`greeting from ${from}`);
  return { message: `${process.env.GREETING}, ${process.env.AUDIENCE}!`, from };
};

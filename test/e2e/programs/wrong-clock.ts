/** Preloaded into an agent: its clock is wrong by so many milliseconds. Programs beside it keep theirs. */
const skewMs = Number(process.env['TEST_CLOCK_SKEW_MS'] ?? 0)

if (process.argv[1]?.endsWith('/agent/src/main.ts')) {
  const RealDate = Date
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [RealDate.now() + skewMs] : args, newTarget),
    get: (target, name) => (name === 'now' ? () => RealDate.now() + skewMs : Reflect.get(target, name)),
  })
}

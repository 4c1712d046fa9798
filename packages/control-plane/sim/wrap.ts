/** The same object with some of its members replaced; methods of the original keep their own `this`. */
export const wrap = <T extends object>(original: T, members: Partial<T>): T =>
  new Proxy(original, {
    get: (target, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
